import { refKey, refOf, type KubeObject } from '@samband/resources';
import type { ManifestDocument } from './manifest.js';
import { isSameOwner, ownerOf, type Inventory, type LiveObjects, type Owner } from './ownership.js';
import { parseManifests } from './parse-manifests.js';

/** Builders for specs: objects as YAML, so that a spec shows what a team would write. */
export const owner: Owner = { source: 'app', sourceNamespace: 'team1' };

/** Documents of one file; the text must parse. */
export function documentsOf(text: string, file = 'a.yaml'): readonly ManifestDocument[] {
  const { documents, problems } = parseManifests([{ path: file, text }], { defaultNamespace: 'team1' });
  if (problems.length > 0) throw new Error(`the fixture does not parse: ${JSON.stringify(problems)}`);
  return documents;
}

export function liveOf(...objects: readonly (string | readonly KubeObject[])[]): LiveObjects {
  const all = objects.flatMap((one) =>
    typeof one === 'string' ? documentsOf(one).map(({ object }) => object) : one,
  );
  return new Map(all.map((object) => [refKey(refOf(object)), object]));
}

/** Of a source that has applied everything that carries its labels. */
export function inventoryOf(live: LiveObjects, by: Owner = owner): Inventory {
  const own = [...live].filter(([, object]) => isSameOwner(ownerOf(object), by));
  return new Map(own.map(([key, { metadata }]) => [key, metadata.uid]));
}

/** The object as the API server shows it once a source has applied it. */
export function applied(object: KubeObject, by: Owner = owner, extra: object = {}): KubeObject {
  return {
    ...object,
    metadata: {
      uid: `uid-${object.metadata.name}`,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...object.metadata,
      labels: {
        ...object.metadata.labels,
        'samband.dev/source': by.source,
        'samband.dev/source-namespace': by.sourceNamespace,
      },
    },
    ...extra,
  };
}

const admin = (kind: string, name: string, spec: string): string =>
  `---\napiVersion: admin.enmasse.io/${kind.endsWith('Plan') ? 'v1beta2' : 'v1beta1'}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: enmasse-infra}\nspec: ${spec}\n`;

/** What operations offer: plan `small` for three queues, topics and dead letter addresses. */
export const catalogYaml = [
  admin('AuthenticationService', 'standard-authservice', '{type: standard}'),
  admin('BrokeredInfraConfig', 'small-broker', '{broker: {resources: {memory: 512Mi}}}'),
  admin('AddressPlan', 'queue', '{addressType: queue, resources: {broker: 0.01}}'),
  admin('AddressPlan', 'topic', '{addressType: topic, resources: {broker: 0.01}}'),
  admin('AddressPlan', 'dead', '{addressType: deadletter}'),
  admin('AddressPlan', 'unlisted', '{addressType: queue, resources: {broker: 0.01}}'),
  admin(
    'AddressSpacePlan',
    'small',
    '{addressSpaceType: brokered, infraConfigRef: small-broker, addressPlans: [queue, topic, dead], resourceLimits: {broker: 0.03}}',
  ),
].join('');

export const space = (name = 'app', spec = '{type: brokered, plan: small}'): string =>
  `---\napiVersion: enmasse.io/v1beta1\nkind: AddressSpace\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

export const address = (name: string, spec: string): string =>
  `---\napiVersion: enmasse.io/v1beta1\nkind: Address\nmetadata:\n  name: ${name}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;

export const queue = (name: string): string => address(name, `address: ${name}\ntype: queue\nplan: queue`);

export const user = (name: string, username: string): string =>
  `---\napiVersion: user.enmasse.io/v1beta1\nkind: MessagingUser\nmetadata:\n  name: ${name}\nspec:\n  username: ${username}\n  authentication:\n    type: password\n`;

export const configMap = (name: string, data = '{a: b}'): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: ${data}\n`;
