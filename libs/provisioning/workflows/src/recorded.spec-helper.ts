import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const historiesFolder = fileURLToPath(new URL('../histories/', import.meta.url));

export interface RecordedHistory {
  readonly name: string;
  /** As the workflow was called when it was recorded. */
  readonly workflowId: string;
  readonly history: unknown;
}

/** Histories of earlier releases: what runs when this one is installed looks like them. */
export function recordedHistories(): RecordedHistory[] {
  return readdirSync(historiesFolder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      name: file.slice(0, -'.json'.length),
      ...(JSON.parse(readFileSync(`${historiesFolder}${file}`, 'utf8')) as Omit<RecordedHistory, 'name'>),
    }));
}
