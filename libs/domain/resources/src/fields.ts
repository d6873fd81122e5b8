import { z } from 'zod';
import type { Condition, ObjectMeta } from './object.js';

/**
 * Building blocks of the kinds' schemas. Every list and text is bounded, because the API server prices CEL
 * rules by the largest object a schema admits; the bounds are far above what EnMasse's users wrote.
 */

/** A field that may be left out, but is never `undefined` when it is there. */
export const optional = z.exactOptional;

/** A text of at most `max` characters. No pattern is tried on a longer one: there are ones that are made to be slow. */
export const text = (max: number, description: string): z.ZodString =>
  z.string().max(max, { abort: true }).describe(description);

/** A text of at least one character. */
export const filled = (max: number, description: string): z.ZodString =>
  z.string().min(1).max(max, { abort: true }).describe(description);

export const integer = (min: number, max: number, description: string): z.ZodInt =>
  z.int().min(min).max(max).describe(description);

/** Largest integer that JavaScript and Kubernetes (`int64`) both hold exactly. */
export const MAX_SAFE = 9_007_199_254_740_991;

/**
 * A name of a Kubernetes object of any kind: a DNS name. It becomes a part of paths, where anything else could lead
 * elsewhere or nowhere. Objects from before the schema asked for that may have any text there.
 */
export const objectName = (description: string): z.ZodString =>
  filled(253, description).regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'is not a name of a Kubernetes object: lower-case letters, digits, and - or . between them',
  );

/** A map whose content is Kubernetes' own business: kept as it is, never judged here. */
export const freeForm = (description: string): z.ZodRecord<z.ZodString, z.ZodUnknown> =>
  z.record(z.string(), z.unknown()).describe(description);

export const stringMap = (description: string): z.ZodRecord<z.ZodString, z.ZodString> =>
  z.record(z.string().max(317), z.string().max(65_536)).describe(description);

export const metadataSchema: z.ZodType<ObjectMeta> = z.looseObject({
  name: filled(253, 'Name of the object.'),
  namespace: optional(filled(63, 'Namespace of the object.')),
  uid: optional(z.string()),
  resourceVersion: optional(z.string()),
  generation: optional(z.int()),
  creationTimestamp: optional(z.string()),
  deletionTimestamp: optional(z.string()),
  labels: optional(z.record(z.string(), z.string())),
  annotations: optional(z.record(z.string(), z.string())),
  finalizers: optional(z.array(z.string())),
  ownerReferences: optional(
    z.array(
      z.looseObject({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: optional(z.boolean()),
        blockOwnerDeletion: optional(z.boolean()),
      }),
    ),
  ),
});

export const timestamp = (description: string): z.ZodISODateTime =>
  z.iso.datetime({ offset: true }).describe(description);

export const observedGeneration = integer(
  0,
  MAX_SAFE,
  'Generation of the object that this status tells of. Older than metadata.generation: the last change was not looked at yet.',
);

const conditionSchema: z.ZodType<Condition> = z
  .strictObject({
    type: filled(316, 'What is judged: Ready, Reconciling, Stalled, …'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
    reason: filled(1024, 'Why, as one word for programs.'),
    message: text(32_768, 'Why, for people: the cause and how to mend it.'),
    observedGeneration: optional(observedGeneration),
    lastTransitionTime: timestamp('When the status last changed.'),
  })
  .describe('One judgement about the object.');

export const conditions = z
  .array(conditionSchema)
  .max(32)
  .describe(
    'Judgements about the object, one per type. Ready: it does what its spec says. Reconciling: work is under way. Stalled: nothing more will happen until someone changes something. These two are there only while they are true.',
  )
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });

export const messages = z
  .array(text(32_768, 'One message.'))
  .max(200)
  .describe('What keeps the object from being ready, as EnMasse told it. The conditions say more.');

/** Name of another object in the same namespace. */
export const localRef = (description: string): z.ZodObject<{ name: z.ZodString }, z.core.$strict> =>
  z.strictObject({ name: objectName('Name of the object.') }).describe(description);

const milliseconds = (description: string): z.ZodInt => integer(-1, MAX_SAFE, description);

const ttlShape = {
  minimum: optional(
    milliseconds(
      'Least time to live, in ms. Shorter wishes of senders are raised to it. No wish is cut only by a maximum.',
    ),
  ),
  maximum: optional(milliseconds('Greatest time to live, in ms. Longer wishes, and none, are cut to it.')),
};

export const messageTtl = (description: string): z.ZodObject<typeof ttlShape, z.core.$strict> =>
  z.strictObject(ttlShape).describe(description);

const redeliveryShape = {
  maximumDeliveryAttempts: optional(
    integer(-1, 2_147_483_647, 'Deliveries before a message goes to the dead letter address; -1: no limit.'),
  ),
  redeliveryDelay: optional(milliseconds('Wait before a message is delivered again, in ms.')),
  redeliveryDelayMultiplier: optional(
    z.number().min(0).max(1_000_000).describe('Factor of the wait from one delivery to the next.'),
  ),
  maximumDeliveryDelay: optional(milliseconds('Longest wait between deliveries, in ms.')),
};

export const messageRedelivery = (description: string): z.ZodObject<typeof redeliveryShape, z.core.$strict> =>
  z.strictObject(redeliveryShape).describe(description);

export const phase = <const P extends readonly [string, ...string[]]>(
  values: P,
  description: string,
): z.ZodEnum<z.core.util.ToEnum<P[number]>> => z.enum(values).describe(description);

export const credits = (description: string): z.ZodNumber =>
  z.number().min(0).max(1_000_000).describe(description);

/** Human-facing fields that plans share. */
export const displayFields = {
  displayName: optional(text(1024, 'Name for people.')),
  displayOrder: optional(
    integer(-2_147_483_648, 2_147_483_647, 'Place among other plans in lists for people.'),
  ),
  shortDescription: optional(text(4096, 'One line for people.')),
  longDescription: optional(text(65_536, 'More for people.')),
};

/** A Secret that may lie in another namespace, as EnMasse's kinds name it. */
export const secretReference = {
  name: optional(objectName('Name of the Secret.')),
  namespace: optional(filled(63, 'Namespace of the Secret.')),
};
