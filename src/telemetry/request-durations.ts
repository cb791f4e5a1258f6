import type { Histogram } from "prom-client";
import type { RequestAnswered } from "./channels.ts";
import type { Metrics } from "./metrics.ts";

const NAME = "sluice_http_request_duration_seconds";
const HELP = "How long requests to this server took, by route, method and status";
/** In seconds: requests from memory, from Postgres, and those that wait for something. */
const BOUNDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30];

const LABELS = ["route", "method", "status"] as const;

interface Series {
  readonly labels: Readonly<Record<(typeof LABELS)[number], string | number>>;
  /** By the first bound that they are within; the last of them are within none. */
  readonly counts: number[];
  seconds: number;
}

/**
 * A histogram that `prom-client` writes and does not count: to find a series it makes a text of all labels, which is a
 * twentieth of what a request from memory costs.
 */
export class RequestDurations {
  /** As `prom-client` has them of each of its own. */
  readonly name = NAME;
  readonly type = "histogram";
  readonly labelNames = LABELS;
  readonly #byRoute = new Map<string | null, Map<string, Map<number, Series>>>();

  /** Counts for this registry from now on. */
  static of(registry: Metrics): RequestDurations {
    const durations = new RequestDurations();
    registry.registerMetric(durations as unknown as Histogram);
    return durations;
  }

  observe({ route, method, status, ms }: RequestAnswered): void {
    const series = this.#byRoute.get(route)?.get(method)?.get(status) ?? this.#add(route, method, status);
    const seconds = ms / 1_000;
    let bound = 0;
    while (bound < BOUNDS.length && seconds > BOUNDS[bound]!) bound++;
    series.counts[bound]!++;
    series.seconds += seconds;
  }

  #add(route: string | null, method: string, status: number): Series {
    const labels = { route: route ?? "none", method, status };
    const series = { labels, counts: Array.from({ length: BOUNDS.length + 1 }, () => 0), seconds: 0 };
    const methods = this.#byRoute.get(route) ?? new Map<string, Map<number, Series>>();
    const statuses = methods.get(method) ?? new Map<number, Series>();
    this.#byRoute.set(route, methods.set(method, statuses.set(status, series)));
    return series;
  }

  /** As `prom-client` asks each of its own metrics. */
  get() {
    const values = [...this.#byRoute.values()]
      .flatMap((methods) => [...methods.values()])
      .flatMap((statuses) => [...statuses.values()])
      .flatMap(valuesOf);
    return Promise.resolve({ name: NAME, help: HELP, type: "histogram", values });
  }
}

function valuesOf({ labels, counts, seconds }: Series) {
  let within = 0;
  const buckets = counts.map((count, place) => ({
    metricName: `${NAME}_bucket`,
    labels: { le: BOUNDS[place] ?? "+Inf", ...labels },
    value: (within += count),
  }));
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: seconds },
    { metricName: `${NAME}_count`, labels, value: within },
  ];
}
