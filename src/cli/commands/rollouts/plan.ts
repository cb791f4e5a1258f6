import type { RolloutPlan } from "../../../domain/shapes/planning.ts";
import { counted, grouped as count } from "../../../domain/text/counted.ts";
import type { MetricPlan, Plan } from "../../../statistics/planning/plan.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import type { Output } from "../../../terminal/output.ts";
import { withSluice } from "../../store.ts";
import { columns, figure, span, wrap } from "../../../terminal/text-layout.ts";
import { trafficOf } from "../../parsing/traffic.ts";

const DAY_MS = 86_400_000;

export async function run(context: CommandContext, given: Given<"plan">): Promise<void> {
  const { output } = context;
  const scope = given.scope(given.version(0).prompt);
  const unitsPerDay = trafficOf(given.text("traffic"));
  const planned = await withSluice(context, (sluice) =>
    sluice.plan({ ...scope, version: given.required(0), policyFile: given.text("policy"), unitsPerDay }),
  );
  output.result(planned, () => lines(planned, output));
}

function lines(planned: RolloutPlan, { width, paint }: Output): string[] {
  const { candidate, baseline, history, unitsPerDay } = planned;
  if (!isPlan(planned))
    return wrap(
      `nothing is served yet, so ${candidate} has nothing to be compared with: its gate alone decides`,
      width,
    );
  const known =
    history.outcomes === 0
      ? `no outcome of ${baseline} was recorded in the last 7 days`
      : `${counted(history.outcomes, "outcome")} of ${baseline} in the last 7 days, each taken for a unit`;
  return [
    paint.bold(`${candidate} against ${baseline}`),
    ...wrap(
      `${known}; ${unitsPerDay === null ? "traffic unknown" : `${counted(unitsPerDay, "unit")} a day`}`,
      width,
    ).map(paint.dim),
    "",
    ...table(planned, width),
    ...wrap(LEGEND, width).map(paint.dim),
    "",
    ...planned.metrics.flatMap(({ limit }) => (limit ? wrap(limit, width) : [])),
    ...[
      ...(planned.gate ? [`gate: ${planned.gate}`] : []),
      needs(planned),
      ...lengthOf(planned),
      ...chancesOf(planned),
      ...holdbackOf(planned),
    ].flatMap((line) => wrap(line, width)),
    ...[...cutOffs(planned), ...planned.warnings]
      .flatMap((warning) => wrap(`warning: ${warning}`, width))
      .map(paint.yellow),
  ];
}

/** Whether there was something to compare with. */
function isPlan(planned: RolloutPlan): planned is RolloutPlan & Plan {
  return planned.unitsPerArm !== undefined;
}

function table({ metrics }: Plan, width: number): string[] {
  return columns(
    [
      { head: "metric" },
      { head: "must be" },
      { head: "units", align: "right" },
      { head: "chance", align: "right" },
      { head: "finds margin", align: "right" },
      { head: "finds harm", align: "right" },
    ],
    metrics.map((metric) => [
      metric.role === "goal" ? `${metric.metric} (goal)` : metric.metric,
      claimWord(metric),
      metric.unitsNeeded === null ? "-" : count(metric.unitsNeeded),
      metric.claim === "harmless" || metric.chance === null ? "-" : percent(metric.chance),
      figure(metric.smallestMargin),
      figure(metric.smallestHarm),
    ]),
    width,
  );
}

const LEGEND =
  "units: an arm, for an 80 % chance; chance: of a version without any difference; finds: the smallest margin it could prove, and the smallest harm it would see, in the time it has";

function claimWord({ claim, margin }: MetricPlan): string {
  if (claim === "harmless") return "without harm";
  if (claim === "superior") return "better";
  return margin === null ? "no worse" : `within ${figure(margin)}`;
}

function needs(planned: RolloutPlan & Plan): string {
  const { unitsPerDay, maxDurationMs, unitsPerArm, unitsTotal, days } = planned;
  if (unitsPerArm === null || unitsTotal === null)
    return "how many units it needs cannot be said without history of every metric that must be proven";
  const time =
    days === null || unitsPerDay === null || maxDurationMs === null
      ? ""
      : `: about ${span(days * DAY_MS)} (max_duration ${span(maxDurationMs)})`;
  return `needs about ${counted(unitsPerArm, "unit")} an arm, ${count(unitsTotal)} in all${time}`;
}

function lengthOf({ decidesLength }: Plan): string[] {
  if (decidesLength === null) return [];
  const { metric, withoutIt } = decidesLength;
  return [`${metric} decides the length: without it about ${counted(withoutIt, "unit")} an arm would do`];
}

function chancesOf({ harmlessPromoted, harmlessRolledBack, tolerance, metrics }: Plan): string[] {
  if (harmlessPromoted === null) return [];
  const alarms =
    harmlessRolledBack === null ? "" : `, and rolled back by a false alarm ${percent(harmlessRolledBack)}`;
  const goal = metrics.find(({ role }) => role === "goal");
  const sentences = [
    `a version without any difference is promoted ${percent(harmlessPromoted)} of the time${alarms}`,
  ];
  if (tolerance && goal)
    sentences.push(
      `one whose ${goal.metric} is worse by ${valueOf(goal, tolerance.worseBy)}, within the margin, is promoted ${percent(tolerance.zero.promoted)} and rolled back ${percent(tolerance.zero.rolledBack)} of the time with rollback_tolerance 0, ${percent(tolerance.margin.promoted)} and ${percent(tolerance.margin.rolledBack)} with rollback_tolerance margin`,
    );
  return sentences;
}

function holdbackOf({ holdback, metrics }: RolloutPlan): string[] {
  if (holdback === null) return [];
  const seen = metrics
    .filter(({ holdbackHarm }) => holdbackHarm !== null)
    .map((metric) => `${metric.metric} worse by ${valueOf(metric, metric.holdbackHarm!)}`);
  const size = `a holdback of ${figure(holdback.share)} % for ${span(holdback.forMs)}`;
  return [
    seen.length === 0
      ? `${size} sees too few users to find anything`
      : `${size} finds, 80 % of the time: ${seen.join(", ")}`,
  ];
}

/** Windows under the default were chosen: what they leave out is said in one sentence, from what has come in so far. */
export function cutOffs({ shortWindows, cutOff }: Pick<RolloutPlan, "shortWindows" | "cutOff">): string[] {
  const metrics = Object.keys(shortWindows);
  if (metrics.length === 0) return [];
  const windows = [...Map.groupBy(metrics, (metric) => shortWindows[metric]!)].map(
    ([windowMs, some]) => `${listed(some)} within ${span(windowMs)}`,
  );
  const left = metrics.map((metric) => {
    const known = cutOff.find((one) => one.metric === metric);
    return known && known.values > 0
      ? `${percent(known.late / known.values)} of the last ${counted(known.values, "value")} of ${metric}`
      : undefined;
  });
  const unknown = metrics.filter((_, index) => left[index] === undefined);
  const known = left.filter((one) => one !== undefined);
  const consequences = [
    ...(known.length === 0 ? [] : [`it would have been ${listed(known)} here`]),
    ...(unknown.length === 0 ? [] : [`how much that is of ${listed(unknown)} is not known yet`]),
  ].join(", ");
  return [
    `outcomes of ${listed(windows)} after the exposure are counted, and what comes later is taken for unanswered: ${consequences}; a vendor's SDK gives up after 10 minutes (the default window is 15m)`,
  ];
}

/** `a, b and c` */
function listed(some: readonly string[]): string {
  return some.length < 2 ? some.join("") : `${some.slice(0, -1).join(", ")} and ${some.at(-1)!}`;
}

function valueOf({ kind }: MetricPlan, value: number): string {
  return kind === "rare" || kind === "proportion" ? `${figure(value * 100)} pp` : figure(value);
}

function percent(part: number): string {
  return part > 0 && part < 1e-4 ? "under 0.01 %" : `${figure(part * 100)} %`;
}
