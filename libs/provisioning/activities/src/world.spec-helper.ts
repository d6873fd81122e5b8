import { createHash } from 'node:crypto';
import { SambandError } from '@samband/errors';
import { ParsedFiles, type GitFile } from '@samband/gitops';
import type { KubeObject, ObjectRef } from '@samband/resources';
import {
  aBrokeredInfraConfig,
  anAddressPlan,
  anAddressSpacePlan,
  anAuthenticationService,
  createMemoryRuntime,
  createMemoryStore,
  Lifetime,
  mortal,
  mortalStore,
  type MemoryStore,
} from '@samband/testing';
import type { BrokerPort, CertificatePort, Ports } from './ports.js';
import type { Running } from './running.js';
import type { SourceMemory } from './source/assess.js';
import { DriftWatch } from './source/drift-watch.js';
import { RecentLooks } from './source/recent-looks.js';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Everything around the activities, in memory; it outlives the worker processes that are made with `ports`. */
export class World {
  readonly memory: MemoryStore;
  readonly infra = createMemoryRuntime();
  /** `<type> <reason> <message>` of each Event. */
  readonly events: string[] = [];
  readonly commits = new Map<string, readonly GitFile[]>();
  head: string | undefined;
  /** Whether the repository answers. */
  isGitAway = false;
  now = new Date('2026-01-01T00:00:00Z');
  /** While the wall clock `now` is wrong: what the steady one says. */
  steadyNow: Date | undefined;
  waitSeconds = 5;
  /** Refuses the probe's message. */
  isProbeLost = false;
  certificatesToRenew = false;
  private workers = 0;

  constructor(namespaces: readonly string[] = ['team', 'enmasse-infra']) {
    this.memory = createMemoryStore({ namespaces, now: () => this.now });
  }

  /** Plans, an infra config and an authentication service, as an operator has them. */
  async withPlans(): Promise<this> {
    const defaults = [
      anAddressSpacePlan(),
      anAddressPlan(),
      aBrokeredInfraConfig(),
      anAuthenticationService(),
    ];
    for (const object of defaults) await this.add(object);
    return this;
  }

  /** Somebody else's write: kubectl, an operator. */
  add(object: object): Promise<KubeObject> {
    return this.memory.store.create(object as KubeObject, { fieldManager: 'kubectl-create' });
  }

  edit(ref: ObjectRef, patch: object): Promise<KubeObject> {
    return this.memory.store.patch(ref, patch, { fieldManager: 'kubectl-edit' });
  }

  get(ref: ObjectRef): Promise<KubeObject | undefined> {
    return this.memory.store.get(ref);
  }

  /** The ports of one worker process, which lives as long as `life` does. */
  ports(life = new Lifetime()): Ports {
    return {
      store: mortalStore(this.memory.store, life),
      view: this.memory.view,
      git: {
        head: () => this.git(() => this.head),
        read: (_, commit) =>
          this.git(() => {
            const files = this.commits.get(commit);
            return files === undefined
              ? undefined
              : {
                  commit,
                  author: 'Ann <ann@example.org>',
                  subject: `Commit ${commit.slice(0, 7)}`,
                  files,
                  problems: [],
                };
          }),
      },
      runtime: this.runtimeOf(life),
      brokers: this.brokersOf(life),
      certificates: this.certificates,
      events: {
        record: (_, type, reason, message) => {
          this.events.push(`${type} ${reason} ${message}`);
          return Promise.resolve();
        },
      },
      logger: silent,
      hostId: 'host-1',
      workerId: `worker-${(this.workers += 1)}`,
      waitSeconds: this.waitSeconds,
      now: () => this.now,
      steadyNow: () => this.steadyNow ?? this.now,
      randomBytes: (count) => new Uint8Array(count).fill(7),
      sha256,
    };
  }

  private git<T>(look: () => T | undefined): Promise<T> {
    if (this.isGitAway)
      return Promise.reject(new SambandError('GIT_UNAVAILABLE', 'the repository does not answer'));
    const found = look();
    return found === undefined
      ? Promise.reject(new SambandError('GIT_COMMIT_NOT_FOUND', 'the repository does not have it'))
      : Promise.resolve(found);
  }

  private runtimeOf(life: Lifetime): Ports['runtime'] {
    const { runtime } = this.infra;
    const dying = mortal(runtime, life);
    return {
      ensureBroker: (spec, options) => dying.ensureBroker(spec, options),
      inspectBroker: (id) => dying.inspectBroker(id),
      inspectStore: (id) => dying.inspectStore(id),
      parkBroker: (id, owner) => dying.parkBroker(id, owner),
      removeBroker: (id, owner) => dying.removeBroker(id, owner),
      files: (id) => mortal(runtime.files(id), life),
    };
  }

  private brokersOf(life: Lifetime): BrokerPort {
    return {
      connect: ({ instance }) => mortal(this.infra.broker(instance.id).connect(), life),
      makeVerifier: (secret, username, password) =>
        Promise.resolve({ plain: sha256(`${secret} ${username} ${password}`), sha256: '', sha512: '' }),
      isVerifierOf: ({ plain }, secret, username, password) =>
        plain === sha256(`${secret} ${username} ${password}`),
      renderUserFiles: ({ credentials, probe }) => ({
        users: JSON.stringify([
          ['$probe', probe.plain],
          ...credentials.map(({ username, verifier }) => [username, verifier?.plain ?? 'token']),
        ]),
      }),
      renderTlsFiles: ({ tenants }) => ({ 'tls.crt': tenants.certificate, 'tls.key': tenants.key }),
      probe: () =>
        this.isProbeLost
          ? Promise.reject(new SambandError('PROBE_FAILED', 'the message did not come back'))
          : Promise.resolve(),
      probeUser: '$probe',
      anybodyRole: '$anybody',
      loginFiles: ['users'],
      admissionFile: 'admission',
      loginsIn: ({ users = '' }) => new Map(users === '' ? [] : (JSON.parse(users) as [string, string][])),
      verifierFiles: ['users'],
      verifiersIn: ({ users = '[]' }) =>
        new Map(
          (JSON.parse(users) as [string, string][]).map(([name, plain]) => [
            name,
            { plain, sha256: '', sha512: '' },
          ]),
        ),
      adminCommonName: 'admin',
      adminServerName: (id) => `${id}.admin`,
    };
  }

  private get certificates(): CertificatePort {
    return {
      createCa: ({ commonName }) =>
        Promise.resolve({ certificate: `ca of ${commonName}`, key: `key of ${commonName}` }),
      issue: ({ ca, commonName }) =>
        Promise.resolve({ certificate: `${commonName} by ${ca.certificate}`, key: `key of ${commonName}` }),
      needsRenewal: () => this.certificatesToRenew,
      isFor: (certificate) => certificate !== 'for another host',
      readBundle: ({ key, certificate }) =>
        certificate === 'broken'
          ? { ok: false, fault: 'it is broken' }
          : { ok: true, bundle: { key: `PKCS #8 of ${key}`, certificate } },
    };
  }
}

/** What a worker remembers that has just started: it knows of no look before. */
export function aMemory(world: World, looks = new RecentLooks()): SourceMemory {
  return { looks, watch: new DriftWatch(world.memory.view, () => undefined), known: new ParsedFiles(1_000) };
}

/** An activity's engine that hears nothing; `abort` makes a zombie of the activity. */
export function aRun(signal: AbortSignal = new AbortController().signal): Running {
  return { beat: () => undefined, signal, since: new Date(), elapsedMs: () => 0, isDisowned: () => false };
}

/** The ports, and how many statuses are written through them: one that changes nothing costs a request all the same. */
export function countWrites(ports: Ports): { readonly ports: Ports; readonly statuses: number } {
  let statuses = 0;
  const store = new Proxy(ports.store, {
    get: (target, name): unknown => {
      if (name === 'patchStatus' || name === 'patchStatusMany') statuses += 1;
      return Reflect.get(target, name);
    },
  });
  return {
    ports: { ...ports, store },
    get statuses() {
      return statuses;
    },
  };
}

const nothing = (): void => undefined;
const silent: Ports['logger'] = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silent,
};
