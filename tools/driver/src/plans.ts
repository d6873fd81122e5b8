import { INFRA_NAMESPACE } from '@samband/resources';
import type { Stage } from './stage.js';
import type { Team } from './team.js';

/** What operators offer for the journeys: small brokers, so that many fit beside each other. */
export const plans = `apiVersion: admin.enmasse.io/v1beta1
kind: BrokeredInfraConfig
metadata:
  name: tiny
spec:
  broker:
    addressFullPolicy: FAIL
    globalMaxSize: 16Mb
    resources:
      memory: 256Mi
---
apiVersion: admin.enmasse.io/v1beta2
kind: AddressSpacePlan
metadata:
  name: tiny
spec:
  addressSpaceType: brokered
  infraConfigRef: tiny
  addressPlans: [tiny-queue, tiny-short-queue, tiny-topic, tiny-subscription, tiny-deadletter]
  resourceLimits:
    broker: 1.0
---
apiVersion: admin.enmasse.io/v1beta1
kind: BrokeredInfraConfig
metadata:
  name: roomy
spec:
  broker:
    addressFullPolicy: FAIL
    globalMaxSize: 32Mb
    resources:
      memory: 384Mi
---
apiVersion: admin.enmasse.io/v1beta2
kind: AddressSpacePlan
metadata:
  name: roomy
spec:
  addressSpaceType: brokered
  infraConfigRef: roomy
  addressPlans: [tiny-queue, tiny-topic]
  resourceLimits:
    broker: 1.0
---
apiVersion: admin.enmasse.io/v1beta2
kind: AddressSpacePlan
metadata:
  name: cramped
spec:
  addressSpaceType: brokered
  infraConfigRef: tiny
  addressPlans: [tiny-queue, tiny-half]
  resourceLimits:
    broker: 1.0
${['queue', 'topic', 'subscription', 'deadletter'].map((type) => addressPlan(`tiny-${type}`, type, 0.001)).join('')}${addressPlan('tiny-half', 'queue', 0.5)}${addressPlan('tiny-short-queue', 'queue', 0.001)}  messageTtl:
    maximum: 3600000
  messageRedelivery:
    maximumDeliveryAttempts: 7
`;

function addressPlan(name: string, type: string, credits: number): string {
  return `---
apiVersion: admin.enmasse.io/v1beta2
kind: AddressPlan
metadata:
  name: ${name}
spec:
  addressType: ${type}
  resources:
    broker: ${credits}
`;
}

/** The plans, put there by hand. */
export async function offerPlans({ kube }: Stage): Promise<void> {
  await kube.kubectl(['apply', '-n', INFRA_NAMESPACE, '-f', '-'], plans);
}

/** The operators' team, with their plans rolled out. */
export async function operators(stage: Stage): Promise<Team> {
  const team = await stage.team(INFRA_NAMESPACE, { source: 'plans', role: 'enmasse.io:service-admin' });
  await team.succeed({ 'plans.yaml': plans }, 'Offer small brokers');
  return team;
}
