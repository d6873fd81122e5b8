import { afterEach, describe, expect, it } from '@jest/globals';
import { createMetrics, createReadiness, serveHealth, type HealthServer } from './index.js';

let server: HealthServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const never = new Promise<void>(() => undefined);

async function start(up: boolean): Promise<string> {
  const metrics = createMetrics({ process: 'worker' });
  metrics.counter({ name: 'things_total', help: 'Things.', labels: ['kind'] }).increment({ kind: 'a' }, 2);
  metrics.gauge({ name: 'depth', help: 'Depth.', read: () => 7 });
  metrics.histogram({ name: 'work_seconds', help: 'Work.' }).observe(0.2);
  const ready = createReadiness(
    [
      {
        name: 'kubernetes',
        required: true,
        check: () => (up ? Promise.resolve() : Promise.reject(new Error('s3cret'))),
      },
      { name: 'temporal', required: false, check: () => never },
    ],
    { timeoutMs: 10 },
  );
  server = await serveHealth({ port: 0, ready, metrics });
  return `http://127.0.0.1:${server.port}`;
}

describe('serveHealth', () => {
  it('is ready when everything required is up, and reports the rest', async () => {
    const response = await fetch(`${await start(true)}/readyz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ready: true,
      checks: { kubernetes: { up: true, required: true }, temporal: { up: false, required: false } },
    });
  });

  it('answers 503 without telling why when something required is down', async () => {
    const response = await fetch(`${await start(false)}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('s3cret');
  });

  it('serves the metrics of the process', async () => {
    const text = await (await fetch(`${await start(true)}/metrics`)).text();
    expect(text).toContain('samband_things_total{kind="a",process="worker"} 2');
    expect(text).toContain('samband_depth{process="worker"} 7');
    expect(text).toContain('samband_work_seconds_bucket{le="0.25",process="worker"} 1');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });

  it('is alive whatever the checks say, and knows nothing else', async () => {
    const base = await start(false);
    const answers = await Promise.all([
      fetch(`${base}/healthz`),
      fetch(`${base}/other`),
      fetch(`${base}/healthz`, { method: 'POST', body: 'x' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 405]);
  });
});
