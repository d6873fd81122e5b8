import { exportRole, space, user } from '@samband/driver';

/** Text of each file by its path in the repository. */
export type Files = Readonly<Record<string, string>>;

export const spaceName = 'app';
const documentsPerFile = 100;

/** What operators offer for the benchmarks: a broker of 2 GiB with room for 20,000 addresses. */
export const plans = `apiVersion: admin.enmasse.io/v1beta1
kind: BrokeredInfraConfig
metadata:
  name: bench
spec:
  broker:
    addressFullPolicy: FAIL
    resources:
      memory: 2Gi
---
apiVersion: admin.enmasse.io/v1beta2
kind: AddressSpacePlan
metadata:
  name: bench
spec:
  addressSpaceType: brokered
  infraConfigRef: bench
  addressPlans: [bench-queue]
  resourceLimits:
    broker: 2.0
---
apiVersion: admin.enmasse.io/v1beta2
kind: AddressPlan
metadata:
  name: bench-queue
spec:
  addressType: queue
  resources:
    broker: 0.0001
`;

/** A space with its export and one user. */
export function spaceFiles(): Files {
  return {
    'space.yaml': `${space(spaceName, { plan: 'bench' })}---\n${exportRole()}`,
    'user.yaml': user(spaceName, 'shop', {}),
  };
}

/** Queues as teams write them: block style YAML, a hundred to a file, each written out in full. */
export function addressFiles(count: number, prefix = 'q'): Files {
  const files: Record<string, string> = {};
  for (let first = 0; first < count; first += documentsPerFile) {
    const here = Math.min(documentsPerFile, count - first);
    files[fileOf(prefix, first)] = Array.from({ length: here }, (_, index) =>
      addressDocument(queueName(prefix, first + index)),
    ).join('---\n');
  }
  return files;
}

/** The file that holds one of `count` queues, with a time to live for that one. */
export function changedFile(count: number, index: number, ttlMs: number, prefix = 'q'): Files {
  const file = fileOf(prefix, index);
  const text = addressFiles(count, prefix)[file] ?? '';
  const name = queueName(prefix, index);
  return { [file]: text.replace(addressDocument(name), addressDocument(name, ttlMs)) };
}

export function queueName(prefix: string, index: number): string {
  return `${prefix}-${String(index).padStart(5, '0')}`;
}

export function addressName(prefix: string, index: number): string {
  return `${spaceName}.${queueName(prefix, index)}`;
}

function fileOf(prefix: string, index: number): string {
  return `addresses/${prefix}-${String(Math.floor(index / documentsPerFile)).padStart(3, '0')}.yaml`;
}

function addressDocument(name: string, ttlMs?: number): string {
  return `apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: ${spaceName}.${name}
spec:
  address: ${name}
  type: queue
  plan: bench-queue
${ttlMs === undefined ? '' : `  messageTtl:\n    maximum: ${ttlMs}\n`}`;
}
