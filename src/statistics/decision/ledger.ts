import { counted } from "../../domain/text/counted.ts";
import type { CanaryPolicy } from "../../domain/policy/policy.ts";
import type { LedgerEntry, LedgerStep } from "../../domain/rollout/ledger.ts";
import type { Margin } from "../../domain/policy/quantity.ts";
import { beyond } from "./harm.ts";
import type { MonitoredMetric } from "./monitored-metric.ts";
import type { Observations } from "./observations.ts";
import { percent, number } from "./wording.ts";

/**
 * Small losses add up: each version may lose up to its margin, and ten of them lose ten times as much. So the
 * losses since the anchor count against `total_margin` (the goal's; the metric's own margin by default), each
 * earlier one with one standard error added, because what was promoted looks better than it is. What is left is
 * the margin that a promotion has to prove, where it is the smaller one.
 */
export interface MarginLeft {
  /** The margin to prove. At or under 0 the candidate has to be better by so much. */
  readonly margin: Margin;
  /** One sentence, where earlier steps have made the margin smaller. */
  readonly note: string | undefined;
}

export function marginLeft(
  metric: MonitoredMetric,
  canary: CanaryPolicy,
  entry: LedgerEntry | undefined,
  anchor: string | null = null,
): MarginLeft | undefined {
  const { margin } = metric;
  if (!margin) return undefined;
  const total =
    metric.role === "goal" && canary.total_margin?.kind === margin.kind ? canary.total_margin : margin;
  const left = total.value - (entry?.spent ?? 0);
  if (!entry || entry.steps === 0 || left >= margin.value) return { margin, note: undefined };
  const value = (amount: number) =>
    margin.kind === "relative" ? percent(Math.max(0, amount)) : number(amount);
  const since = anchor === null ? "" : ` since ${anchor}`;
  return {
    margin: { kind: margin.kind, value: left },
    note:
      `${counted(entry.steps, "earlier promotion")}${since} may have used ${value(entry.spent)} of the ${value(total.value)} that ${metric.metric} may lose in all, ` +
      (left > 0 ? `so ${value(left)} is left` : "so nothing is left: it has to be better"),
  };
}

/** What this promotion costs a metric, for the ledger; undefined where that is not known. */
export function ledgerStep(metric: MonitoredMetric, seen: Observations): LedgerStep | undefined {
  if (!metric.margin || seen.broken) return undefined;
  const worse = beyond(seen, metric.direction, { kind: metric.margin.kind, value: 0 });
  if (!worse) return undefined;
  const scale = metric.margin.kind === "relative" && !seen.log ? Math.abs(seen.mean.control ?? 0) : 1;
  return scale > 0 ? { loss: worse.value / scale, se: worse.se / scale } : undefined;
}
