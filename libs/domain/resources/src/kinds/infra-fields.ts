import { z } from 'zod';
import { filled, freeForm, integer, objectName, optional, stringMap, text } from '../fields.js';

/** Fields that the infra configs share, and the address space's network policy. */

export const networkPolicy = z
  .strictObject({
    ingress: optional(z.array(freeForm('A rule of NetworkPolicy.')).max(128).describe('Who may come in.')),
    egress: optional(z.array(freeForm('A rule of NetworkPolicy.')).max(128).describe('Where it may go.')),
  })
  .describe('Rules of a Kubernetes NetworkPolicy for the pods of a space.');

const probe = (description: string) =>
  z
    .strictObject({
      initialDelaySeconds: optional(integer(0, 86_400, 'Wait before the first probe, in seconds.')),
      timeoutSeconds: optional(integer(0, 86_400, 'Time for an answer, in seconds.')),
      periodSeconds: optional(integer(0, 86_400, 'Time between probes, in seconds.')),
      successThreshold: optional(integer(0, 1000, 'Successes in a row that count as one.')),
      failureThreshold: optional(integer(0, 1000, 'Failures in a row that count as one.')),
    })
    .describe(description);

const container = z
  .strictObject({
    name: filled(63, 'Name of the container.'),
    resources: optional(freeForm('Requests and limits.')),
    env: optional(
      z
        .array(
          z
            .strictObject({
              name: filled(1024, 'Name of the variable.'),
              value: optional(text(65_536, 'Value.')),
              valueFrom: optional(freeForm('Where the value comes from.')),
            })
            .describe('One variable.'),
        )
        .max(256)
        .describe('Environment variables.'),
    ),
    livenessProbe: optional(probe('Changes to the liveness probe.')),
    readinessProbe: optional(probe('Changes to the readiness probe.')),
  })
  .describe('Changes to one container.');

export const podTemplate = z
  .strictObject({
    metadata: optional(
      z.strictObject({ labels: optional(stringMap('Labels.')) }).describe('Metadata of the pods.'),
    ),
    spec: optional(
      z
        .strictObject({
          affinity: optional(freeForm('Affinity of the pods.')),
          tolerations: optional(
            z.array(freeForm('A toleration.')).max(64).describe('Tolerations of the pods.'),
          ),
          priorityClassName: optional(text(253, 'Priority class of the pods.')),
          securityContext: optional(freeForm('Security context of the pods.')),
          initContainers: optional(z.array(container).max(16).describe('Changes to init containers.')),
          containers: optional(z.array(container).max(16).describe('Changes to containers.')),
        })
        .describe('Changes to the pods.'),
    ),
  })
  .describe('Changes to the pods that are made (on Kubernetes).');

const quantity = (description: string): z.ZodString =>
  filled(64, description).regex(
    /^[0-9]+(\.[0-9]+)?([eE][0-9]{1,2}|m|k|K|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/,
    'is not a quantity such as 512Mi or 2Gi',
  );

export const computeResources = {
  cpu: optional(quantity('CPU, such as 500m or 2.')),
  memory: optional(quantity('Memory, such as 512Mi or 2Gi.')),
};

export const storage = optional(quantity('Size of the volume, such as 2Gi.'));

export const intOrPercent = (description: string): z.ZodUnion<readonly [z.ZodInt, z.ZodString]> =>
  z
    .union([
      z.int().min(0).max(1_000_000),
      z
        .string()
        .max(16, { abort: true })
        .regex(/^([0-9]+%?)$/, 'is neither a number nor a percentage'),
    ])
    .describe(description);

export const adminConfig = z
  .strictObject({
    resources: optional(z.strictObject(computeResources).describe('CPU and memory.')),
    podTemplate: optional(podTemplate),
  })
  .describe('EnMasse’s admin pod. Understood, without effect: there is no such pod here.');

export const addressFullPolicies = ['PAGE', 'BLOCK', 'FAIL', 'DROP'] as const;

/** Fields of `spec.broker` of both infra configs. */
export const brokerFields = {
  resources: optional(
    z.strictObject({ ...computeResources, storage }).describe('CPU, memory and storage of each broker.'),
  ),
  addressFullPolicy: optional(
    z
      .enum(addressFullPolicies)
      .describe(
        'What happens to a message for a full address. PAGE: to disk. BLOCK: the sender waits. FAIL: it is refused. DROP: it is lost. Default: FAIL.',
      ),
  ),
  globalMaxSize: optional(
    text(32, 'Memory for messages, such as 64Mb. Default: half of the heap.').regex(
      /^[0-9]+\s*[kKmMgG]?[bB]?$/,
      'is not a size such as 64Mb',
    ),
  ),
  javaOpts: optional(
    text(4096, 'Further options of the Java machine. Options that would break the broker are refused.'),
  ),
  storageClassName: optional(objectName('Storage class of the volume.')),
  updatePersistentVolumeClaim: optional(
    z.boolean().describe('Whether a changed size is taken over by existing volumes.'),
  ),
  podTemplate: optional(podTemplate),
};
