import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Label values must come from small, known sets: never names of tenants' objects by the thousand, never secrets. */
export type Labels = Readonly<Record<string, string | number>>;

export interface CounterMetric {
  increment(labels?: Labels, by?: number): void;
}

export interface HistogramMetric {
  /** Durations are in seconds. */
  observe(value: number, labels?: Labels): void;
}

export interface MetricOptions {
  /** Without the prefix `samband_`, with the unit: `webhook_requests_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface Metrics {
  counter(options: MetricOptions): CounterMetric;
  /** `buckets` in the unit of the metric; the default suits requests between 5 ms and 10 s. */
  histogram(options: MetricOptions & { readonly buckets?: readonly number[] }): HistogramMetric;
  /** `read` is called at each scrape, for values that are known only then. */
  gauge(options: Omit<MetricOptions, 'labels'> & { readonly read: () => number }): void;
  /** Everything in Prometheus' text format. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A registry of its own with Node's metrics; every series carries the label `process`. */
export function createMetrics(options: { readonly process: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process: options.process });
  collectDefaultMetrics({ register: registry });
  const common = ({ name, help, labels = [] }: MetricOptions) => ({
    name: `samband_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter(counterOptions) {
      const counter = new Counter(common(counterOptions));
      return {
        increment: (labels = {}, by = 1) => {
          counter.inc({ ...labels }, by);
        },
      };
    },
    histogram(histogramOptions) {
      const histogram = new Histogram({
        ...common(histogramOptions),
        buckets: [...(histogramOptions.buckets ?? defaultBuckets)],
      });
      return {
        observe: (value, labels = {}) => {
          histogram.observe({ ...labels }, value);
        },
      };
    },
    gauge({ read, ...gaugeOptions }) {
      const gauge: Gauge = new Gauge({
        ...common(gaugeOptions),
        collect: () => {
          gauge.set(read());
        },
      });
    },
    async render() {
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
