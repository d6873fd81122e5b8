import { z } from 'zod';
import { integer, MAX_SAFE, metadataSchema, optional, text, timestamp } from '../fields.js';
import { ageColumn, sambandLabels, type KindDefinition } from '../kind.js';

const statusSchema = z
  .strictObject({
    messages: optional(
      integer(
        0,
        MAX_SAFE,
        'Messages that are kept, counted when nobody could send any more. Absent: unknown.',
      ),
    ),
    queues: optional(integer(0, MAX_SAFE, 'Queues and subscriptions that hold them. Absent: unknown.')),
    parkedAt: optional(timestamp('When the AddressSpace went.')),
    destroyAt: optional(
      timestamp('When the messages are destroyed, unless an AddressSpace of this name comes back.'),
    ),
    message: optional(text(32_768, 'What is kept, how to get it back, and how to let it go.')),
  })
  .describe('What is.');

export const parkedSpaceSchema = z.strictObject({
  apiVersion: z.literal('samband.dev/v1alpha1'),
  kind: z.literal('ParkedSpace'),
  metadata: metadataSchema,
  status: optional(statusSchema),
});

export type ParkedSpace = z.infer<typeof parkedSpaceSchema>;
export type ParkedSpaceStatus = z.infer<typeof statusSchema>;

export const parkedSpaceKind: KindDefinition<ParkedSpace> = {
  kind: 'ParkedSpace',
  group: 'samband.dev',
  versions: ['v1alpha1'],
  plural: 'parkedspaces',
  singular: 'parkedspace',
  scope: 'Namespaced',
  categories: ['samband'],
  description:
    'The messages of an AddressSpace that was removed, kept for a while. An AddressSpace of this name in this namespace has them again.',
  labels: sambandLabels,
  printerColumns: [
    { name: 'Messages', type: 'integer', jsonPath: '.status.messages', description: 'Messages kept.' },
    { name: 'Queues', type: 'integer', jsonPath: '.status.queues', description: 'Queues that hold them.' },
    {
      name: 'Until',
      type: 'string',
      jsonPath: '.status.destroyAt',
      description: 'When they are destroyed.',
    },
    { name: 'Status', type: 'string', jsonPath: '.status.message', description: 'What to do.', priority: 1 },
    ageColumn,
  ],
  schema: parkedSpaceSchema,
  celRules: [],
};
