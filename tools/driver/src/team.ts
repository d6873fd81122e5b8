import path from 'node:path';
import { annotations, isFinished, rolloutPhases, type Rollout, type RolloutPhase } from '@samband/resources';
import { eventually } from '@samband/testing';
import { connect, endpointOf, type Client, type Endpoint, type Login } from './client.js';
import { patience, refTo, type Kube } from './kube.js';
import { configMap } from './manifests.js';
import { createRepository, type Files, type Push, type Repository } from './repository.js';
import type { Stage } from './stage.js';
import { postPush, signedPush, type Delivery, type SignedPush } from './webhook.js';

export interface TeamOptions {
  /** Name of the GitSource and of the service account it acts as; default `app`. */
  readonly source?: string;
  /** ClusterRole that the service account has in its namespace; default `admin`. */
  readonly role?: string;
  /** Default `1h`: what is rolled out came by webhook. */
  readonly interval?: string;
}

/** A team: a namespace, a repository, and a GitSource that rolls it out. */
export class Team {
  constructor(
    private readonly stage: Stage,
    readonly namespace: string,
    readonly source: string,
    readonly repository: Repository,
    private readonly webhookSecret: string,
  ) {}

  private get kube(): Kube {
    return this.stage.kube;
  }

  /** Pushes and posts the webhook. */
  async push(files: Files, message = 'Change messaging'): Promise<string> {
    const push = await this.repository.push(files, message);
    const { status, body } = await this.deliver(push);
    if (status !== 202) throw new Error(`the webhook was answered ${status}: ${body}`);
    return push.after;
  }

  deliver(push: Push): Promise<Delivery> {
    const url = `${this.stage.stack.env.SAMBAND_API}/webhooks/${this.namespace}/${this.source}`;
    return postPush({ url, secret: this.webhookSecret }, this.repository, push);
  }

  /** What the provider posts of a push, to be posted by others. */
  signedPush(push: Push): SignedPush {
    return signedPush(this.webhookSecret, this.repository, push);
  }

  /** Pushes, and returns the rollout in its last phase. */
  async rollOut(files: Files, message?: string): Promise<Rollout> {
    return this.ended(await this.push(files, message));
  }

  /** As `rollOut`; throws with everything the rollout says unless it succeeded. */
  async succeed(files: Files, message?: string): Promise<Rollout> {
    return expectPhase(await this.rollOut(files, message), 'Succeeded');
  }

  /** All rollouts of the source, oldest first. */
  async rollouts(): Promise<Rollout[]> {
    const all = (await this.kube.list('Rollout', this.namespace)) as unknown as Rollout[];
    const age = ({ metadata, spec }: Rollout): string =>
      `${metadata.creationTimestamp ?? ''} ${String(spec.attempt).padStart(4, '0')}`;
    return all.filter(({ spec }) => spec.source === this.source).sort((a, b) => (age(a) < age(b) ? -1 : 1));
  }

  /** Those that succeeded, in the order in which they did: creation times have whole seconds only. */
  async succeeded(): Promise<Rollout[]> {
    const ended = ({ status }: Rollout): string => status?.finishedAt ?? '';
    return (await this.rollouts())
      .filter(({ status }) => status?.phase === 'Succeeded')
      .sort((a, b) => (ended(a) < ended(b) ? -1 : 1));
  }

  /** The newest attempt at a commit, once it has reached one of these phases. */
  rollout(commit: string, phases: readonly RolloutPhase[], attempt?: number): Promise<Rollout> {
    return eventually(async () => {
      const attempts = (await this.rollouts()).filter(({ spec }) => spec.commit === commit);
      const newest = attempts.sort((a, b) => a.spec.attempt - b.spec.attempt).at(-1);
      if (newest === undefined) throw new Error(`there is no rollout of ${commit}`);
      const isMeant = attempt === undefined || newest.spec.attempt === attempt;
      if (isMeant && phases.includes(newest.status?.phase ?? 'Pending')) return newest;
      throw new Error(`not ${phases.join(' or ')}: ${explain(newest)}`);
    }, patience);
  }

  ended(commit: string, attempt?: number): Promise<Rollout> {
    return eventually(async () => {
      const rollout = await this.rollout(commit, rolloutPhases, attempt);
      if (isFinished(rollout.status?.phase ?? 'Pending')) return rollout;
      throw new Error(`has not ended: ${explain(rollout)}`);
    }, patience);
  }

  /** Until a step of the rollout runs. */
  atStep(commit: string, step: string): Promise<Rollout> {
    return eventually(async () => {
      const rollout = await this.rollout(commit, rolloutPhases);
      const last = rollout.status?.steps?.at(-1);
      if (last?.name === step && last.phase === 'Running') return rollout;
      throw new Error(`not at step ${step}: ${explain(rollout)}`);
    }, patience);
  }

  annotateRollout(rollout: Rollout, values: Record<string, string>): Promise<unknown> {
    return this.kube.annotate('Rollout', this.namespace, rollout.metadata.name, values);
  }

  /** Asks the source to look at its repository now. */
  requestSync(token: string): Promise<unknown> {
    return this.kube.annotate('GitSource', this.namespace, this.source, {
      [annotations.requestedAt]: token,
    });
  }

  async endpoint(name: string = configMap): Promise<Endpoint> {
    const exported = await this.kube.need('ConfigMap', this.namespace, name);
    return endpointOf((exported['data'] ?? {}) as Record<string, string>);
  }

  async connect(login: Login, name?: string): Promise<Client> {
    return connect(await this.endpoint(name), login);
  }

  /** Connects as soon as that login is in force. */
  connectSoon(login: Login, name?: string): Promise<Client> {
    return eventually(() => this.connect(login, name), patience);
  }
}

export async function createTeam(stage: Stage, namespace: string, options: TeamOptions): Promise<Team> {
  const { source = 'app', role = 'admin', interval = '1h' } = options;
  const { kube } = stage;
  const repository = await createRepository(
    path.join(stage.folder, 'repositories', `${namespace}-${source}`),
  );
  const secret = stage.secret(`webhook secret of ${namespace}/${source}`);
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: source, namespace } });
  await kube.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: source, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: source, namespace }],
  });
  await kube.putSecret(namespace, `${source}-webhook`, { secret });
  await kube.apply({
    apiVersion: refTo('GitSource', namespace, source).apiVersion,
    kind: 'GitSource',
    metadata: { name: source, namespace },
    spec: {
      url: repository.url,
      ref: { branch: repository.branch },
      provider: 'github',
      webhook: { secretRef: { name: `${source}-webhook` } },
      interval,
      serviceAccountName: source,
    },
  });
  return new Team(stage, namespace, source, repository, secret);
}

export function expectPhase(rollout: Rollout, phase: RolloutPhase): Rollout {
  if (rollout.status?.phase === phase) return rollout;
  throw new Error(`expected ${phase}: ${explain(rollout)}`);
}

/** Everything a rollout says of itself, for messages. */
export function explain({ metadata, status }: Rollout): string {
  const steps = (status?.steps ?? []).map(
    ({ name, phase, message }) => `  ${name}: ${phase} ${message ?? ''}`,
  );
  const problems = (status?.problems ?? []).map(
    ({ file, line, code, message }) => `  ${file}:${line} ${code} ${message}`,
  );
  return [
    `rollout ${metadata.name} is ${status?.phase ?? 'without a phase'}: ${status?.message ?? ''}`,
    ...steps,
    ...problems,
  ].join('\n');
}
