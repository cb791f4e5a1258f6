import { MIN_VALUES, recordedMetrics, type MetricSpec } from "./policy.ts";
import type { Fail } from "./policy-metrics.ts";
import type { PolicyFile } from "./policy-schema.ts";
import { formatDuration, formatMargin, type Margin } from "./quantity.ts";

/** What no evidence could ever promote, or that anything would meet, is a mistake of the policy: it is told when it is read. */
export function checkReach(
  canary: PolicyFile["canary"],
  metrics: Readonly<Record<string, MetricSpec>>,
  guardrails: PolicyFile["canary"]["guardrails"],
  fail: Fail,
): void {
  if (canary.max_units < MIN_VALUES)
    fail(
      ["canary", "max_units"],
      `must be at least ${MIN_VALUES}: no metric is tested with fewer units a group, so nothing could be promoted`,
    );
  checkTime(canary, metrics, fail);
  for (const [path, { direction, margin }] of [
    [["canary", "goal"], canary.goal] as const,
    ...guardrails.map((rail, index) => [["canary", "guardrails", index], rail] as const),
  ])
    if (direction === "higher" && isWhole(margin))
      fail(
        [...path, "margin"],
        `${formatMargin(margin)} worse is nothing left, which any version meets: write less than 100%`,
      );
  canary.fuses.forEach((fuse, index) => {
    const side = fuse.above === undefined ? "below" : "above";
    if (metrics[fuse.metric]?.scale === "log" && !((fuse[side] ?? 0) > 0))
      fail(
        ["canary", "fuses", index, side],
        `${fuse.metric} is positive (scale: log): its limit must be above 0`,
      );
  });
}

function isWhole(margin: Margin | undefined): margin is Margin {
  return margin?.kind === "relative" && margin.value >= 1;
}

/** A unit of the last stage has to be counted, and its own time to pass, before the time is up. */
function checkTime(
  canary: PolicyFile["canary"],
  metrics: Readonly<Record<string, MetricSpec>>,
  fail: Fail,
): void {
  const before = canary.stages.slice(0, -1).reduce((sum, stage) => sum + (stage.for ?? 0), 0);
  const last = canary.stages.at(-1)?.for ?? 0;
  const names = recordedMetrics(canary);
  const slowest = names.reduce((a, b) => (metrics[b]!.window_ms > metrics[a]!.window_ms ? b : a));
  const window = metrics[slowest]!.window_ms;
  if (before + Math.max(window, last) < canary.max_duration) return;
  const stages = before > 0 ? `the stages before the last take ${formatDuration(before)}, and ` : "";
  const rest =
    last > window
      ? `the last one ${formatDuration(last)}`
      : `${slowest} is counted ${formatDuration(window)} after a user's first request (its window)`;
  fail(
    ["canary", "max_duration"],
    `is over before the last stage could promote anything: ${stages}${rest}; make it longer than ${formatDuration(before + Math.max(window, last))}`,
  );
}
