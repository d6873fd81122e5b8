import { searchAttributes } from '@samband/contract';
import type { Part, StackContext } from '../part.js';
import { answers } from '../probes.js';

/** The engine: Temporal's own server with its Web UI, its state in one SQLite file. */
export function temporal({ binaries, ports, state }: StackContext): Part {
  return {
    name: 'temporal',
    needs: [],
    command: binaries.temporal,
    args: [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${ports.temporal}`,
      '--ui-ip=127.0.0.1',
      `--ui-port=${ports.temporalUi}`,
      `--http-port=${ports.temporalHttp}`,
      `--metrics-port=${ports.temporalMetrics}`,
      `--db-filename=${state.temporal}`,
      '--sqlite-pragma=journal_mode=wal',
      '--sqlite-pragma=synchronous=normal',
      ...Object.values(searchAttributes).map((name) => `--search-attribute=${name}=Keyword`),
      // One server and few workers: more partitions of a task queue only delay its tasks.
      '--dynamic-config-value=matching.numTaskqueueReadPartitions=1',
      '--dynamic-config-value=matching.numTaskqueueWritePartitions=1',
      '--log-level=warn',
      '--log-format=json',
      '--color=never',
      '--disable-config-file',
      '--disable-config-env',
    ],
    env: {},
    ready: () => answers(ports.temporalHttp, '/api/v1/namespaces/default'),
    yields: true,
    graceMs: 4_000,
  };
}
