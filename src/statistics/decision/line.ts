import type { HarmCheck } from "./harm.ts";
import type { MarginLeft } from "./ledger.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import type { Observations } from "./observations.ts";
import type { ClaimCheck } from "./promotion.ts";
import type { RareLimit } from "./rare-limit.ts";

/** A monitored metric with all that is known of it at this tick. */
export interface Line {
  readonly metric: MonitoredMetric;
  readonly seen: Observations;
  readonly harm: HarmCheck;
  readonly claim: ClaimCheck | undefined;
  /** Of its margin, after earlier promotions. */
  readonly left: MarginLeft | undefined;
  readonly limit: RareLimit | undefined;
}
