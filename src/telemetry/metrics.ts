import { type OpenMetricsContentType, Registry } from "prom-client";

/** What is counted in this process, written by the rules of OpenMetrics. */
export type Metrics = Registry<OpenMetricsContentType>;

export function newMetrics(): Metrics {
  const registry: Metrics = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
