import { z } from 'zod';

export const timestamp = z.iso.datetime({ offset: true });
export const commitId = z.string().describe('Full commit id.');

export const conditionModel = z
  .object({
    type: z.string(),
    status: z.enum(['True', 'False', 'Unknown']),
    reason: z.string().describe('One word, for programs.'),
    message: z.string().describe('For people.'),
    lastTransitionTime: timestamp,
  })
  .meta({ id: 'Condition' });

export const problemModel = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string().describe('Stable, for programs.'),
    detail: z.string().describe('For people.'),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    correlationId: z.string().describe('Names the request in the log; also the header X-Correlation-Id.'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document.' });

export const pageQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,4}$/u, 'must be a whole number from 1 to 500')
    .transform(Number)
    .pipe(z.int('must be a whole number').min(1, 'must be at least 1').max(500, 'must be at most 500'))
    .default(100)
    .describe('Items at most, 1 to 500.'),
  continue: z.string().max(1024).optional().describe('Token of the page before.'),
});

export function pageModel<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; continue: z.ZodOptional<z.ZodString> }> {
  return z.object({
    items: z.array(item),
    continue: z.string().optional().describe('Token for the next page; absent on the last.'),
  });
}

export const namespaceParam = z.string().max(63).describe('Namespace.');
export const nameParam = z.string().max(253).describe('Name of the object.');
