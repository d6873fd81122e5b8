import { address, maker, space, user } from '@samband/driver';
import type { Scenario, World } from '../scenario.js';
import { spaceName } from '../scenario.js';
import { keeper, recovery, type Keeper } from './checks.js';
import { eventually } from '@samband/testing';
import type { Rollout } from '@samband/resources';

/** What forbids the service account to change addresses, and so the way back. */
const barrier = 'samband-faults-barrier';

/** An admission policy denies what the way back has to do; `mend` takes it away. */
async function deny({ stage }: World, namespace: string): Promise<() => Promise<void>> {
  const rules = {
    apiGroups: ['enmasse.io'],
    apiVersions: ['*'],
    operations: ['DELETE'],
    resources: ['addresses'],
  };
  await stage.kube.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicy',
          metadata: { name: barrier },
          spec: {
            failurePolicy: 'Fail',
            matchConstraints: { resourceRules: [rules] },
            validations: [{ expression: 'false', message: 'no address may go today' }],
          },
        },
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicyBinding',
          metadata: { name: barrier },
          spec: {
            policyName: barrier,
            validationActions: ['Deny'],
            matchResources: {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            },
          },
        },
      ],
    }),
  );
  return async () => {
    await stage.kube.kubectl([
      'delete',
      'validatingadmissionpolicybinding,validatingadmissionpolicy',
      barrier,
      '--ignore-not-found',
    ]);
  };
}

/** Until the API server denies, or does no longer: a policy takes it a moment. */
async function untilDenied({ stage }: World, namespace: string, wanted = true): Promise<void> {
  await eventually(async () => {
    const isDenied = await stage.kube
      .kubectl(['-n', namespace, 'delete', 'address', `${spaceName}.orders`, '--dry-run=server'])
      .then(
        () => false,
        (error: unknown) => String(error).includes('no address may go today'),
      );
    if (isDenied !== wanted) throw new Error(`removals are ${isDenied ? 'still' : 'not yet'} denied`);
    return true;
  }, recovery);
}

/** A rollout held at its step `wait`, with an address that the way back must remove. */
async function held({ tenant: { team } }: Keeper): Promise<Rollout> {
  const commit = await team.push({
    'extra.yaml': address(spaceName, 'extra'),
    'maker.yaml': maker(),
    'waits.yaml': user(spaceName, 'waits', { passwordSecretRef: { name: 'waits' } }),
  });
  return team.atStep(commit, 'wait');
}

const wayBackFails: Scenario = {
  group: 'dependency',
  name: 'the way back fails, and a cancel comes during it',
  short: true,
  run: async (world) => {
    const [own, neighbour] = [await keeper(world), await keeper(world)];
    const { team } = own.tenant;
    const rollout = await held(own);
    const mend = await deny(world, team.namespace);
    let said = '';
    try {
      await untilDenied(world, team.namespace);
      await team.annotateRollout(rollout, { 'samband.dev/cancel': 'stop' });
      const stuck = await eventually(() => team.rollout(rollout.spec.commit, ['Failed']), recovery);
      const step = stuck.status?.steps?.at(-1);
      said = `${step?.name ?? ''}: ${step?.message ?? ''}`;
      if (step?.name !== 'restore' || !said.includes('no address may go today'))
        throw new Error(`it says: ${said}`);
      await own.works();
      await neighbour.works();
      // Stuck again, at the same step; a second cancel changes nothing.
      await team.annotateRollout(rollout, {
        'samband.dev/cancel': 'stop again',
        'samband.dev/retry': 'too early',
      });
      await eventually(async () => {
        const again = await team.rollout(rollout.spec.commit, ['Failed']);
        const tries = again.status?.steps?.filter(({ name }) => name === 'restore').length ?? 0;
        if (tries < 2) throw new Error('it was not tried again');
        return again;
      }, recovery);
    } finally {
      await mend();
    }
    await untilDenied(world, team.namespace, false);
    await team.annotateRollout(rollout, { 'samband.dev/retry': 'mended' });
    await eventually(() => team.rollout(rollout.spec.commit, ['Cancelled']), recovery);
    if ((await world.stage.kube.get('Address', team.namespace, `${spaceName}.extra`)) !== undefined)
      throw new Error('the address is still there after the way back');
    await own.works();
    await team.succeed({ 'extra.yaml': undefined, 'waits.yaml': undefined, 'space.yaml': space(spaceName) });
    await world.remove(own.tenant);
    await world.remove(neighbour.tenant);
    return `Failed with "${said.slice(0, 120)}", resumed there by retry, Cancelled, all as before`;
  },
};

export const scenarios: readonly Scenario[] = [wayBackFails];
