import { counted, grouped as count } from "../../../domain/text/counted.ts";
import { assertPromptName } from "../../../domain/names.ts";
import { formatMargin, type Margin } from "../../../domain/policy/quantity.ts";
import type { SimulatedPolicy } from "../../../domain/shapes/planning.ts";
import { changed, type MetricScenario } from "../../../statistics/planning/imagined-units.ts";
import type { ImaginedSegment } from "../../../statistics/planning/simulation.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import type { Output } from "../../../terminal/output.ts";
import { columns, figure, span, wrap } from "../../../terminal/text-layout.ts";
import { trafficOf } from "../../parsing/traffic.ts";
import { withSluice } from "../../store.ts";

/** Without a prompt's name this needs nothing but the policy's file. */
export async function run(context: CommandContext, given: Given<"simulate">): Promise<void> {
  const { output, signal } = context;
  const runs = given.integer("runs", { min: 1, max: 1_000_000 })!;
  const seed = given.integer("seed")!;
  const name = given.optional(0);
  const shown = await withSluice(context, (sluice) =>
    sluice.simulate({
      ...(name !== undefined && given.scope(assertPromptName(name))),
      policyFile: given.text("policy"),
      effect: [...given.list("effect"), ...given.list("truth")],
      baseline: given.list("baseline"),
      segment: given.list("segment"),
      unitsPerDay: trafficOf(given.text("traffic")),
      runs,
      seed,
      signal,
      onProgress: (ended) => output.progress(`${count(ended)} of ${counted(runs, "run")}`),
    }),
  );
  output.result(shown, () => [
    ...lines(shown, output),
    ...shown.segments.flatMap((one) => wrap(segmentLine(one), output.width)),
  ]);
}

function lines(shown: SimulatedPolicy, { width, paint }: Output): string[] {
  const { standardErrors: errors } = shown;
  const share = (part: number, error: number) => `${percent(part)} ± ${percent(error)}`;
  return [
    ...wrap(
      `${counted(shown.runs, "rollout")} with ${counted(shown.unitsPerDay, "unit")} a day (${shown.trafficFrom}), seed ${shown.seed}`,
      width,
    ).map(paint.bold),
    "",
    ...columns(
      [{ head: "metric" }, { head: "baseline" }, { head: "" }, { head: "candidate" }],
      shown.metrics.map(({ metric, truth, from }) => [
        metric,
        levelOf(truth),
        `(${from})`,
        candidateOf(truth),
      ]),
      width,
    ),
    "",
    ...columns(
      [{ head: "ends" }, { head: "of the time" }, { head: "candidate units, median", align: "right" }],
      [
        ["promoted", share(shown.promoted, errors.promoted), figure(shown.medianUnitsPromoted)],
        ["rolled back", share(shown.rolledBack, errors.rolledBack), figure(shown.medianUnitsRolledBack)],
        ["inconclusive", share(shown.inconclusive, errors.inconclusive), ""],
      ],
      width,
    ),
    "",
    ...wrap(
      `to its end: ${counted(shown.medianUnits, "candidate unit")} and ${span(shown.medianElapsedMs)} (medians)`,
      width,
    ),
  ];
}

function segmentLine({ segment, value, share, changes = {} }: ImaginedSegment): string {
  const changed = Object.entries(changes).map(([metric, change]) => `${metric} ${signed(change)}`);
  return `${segment}=${value}: ${percent(share)} of the users${changed.length === 0 ? "" : `, for whom the candidate changes ${changed.join(", ")}`}`;
}

function signed(change: Margin): string {
  return `${change.value > 0 ? "+" : ""}${formatMargin(change)}`;
}

function levelOf({ baseline, skewed }: MetricScenario): string {
  if ("rate" in baseline) return percent(baseline.rate);
  return `${figure(baseline.mean)} ± ${figure(baseline.sd)}${skewed ? ", skewed" : ""}`;
}

function candidateOf({ baseline, change }: MetricScenario): string {
  if (!change) return "the same";
  const level = changed("rate" in baseline ? baseline.rate : baseline.mean, change);
  return `${signed(change)}: ${"rate" in baseline ? percent(level) : figure(level)}`;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))} %`;
}
