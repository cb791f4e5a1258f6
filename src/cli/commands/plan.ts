import type { MetricPlan, Plan } from "../../statistics/plan.ts";
import { numberedVersion } from "../../storage/read/version.ts";
import { planRollout, type PlannedRollout } from "../../use-cases/plan-rollout.ts";
import type { CommandArguments } from "../command-arguments.ts";
import type { CommandContext } from "../context.ts";
import type { Output } from "../output.ts";
import { reading } from "../store.ts";
import { columns, figure, span, wrap } from "../text-layout.ts";
import { trafficOf } from "../traffic.ts";

const DAY_MS = 86_400_000;

export async function run(context: CommandContext, given: CommandArguments): Promise<void> {
  const { output } = context;
  const version = given.version(0);
  const scope = given.scope(version.prompt);
  const unitsPerDay = trafficOf(given.text("traffic"));
  const planned = await reading(context, async (db) =>
    planRollout(db, {
      scope,
      ...(await numberedVersion(db, version)),
      policyFile: given.text("policy"),
      unitsPerDay,
    }),
  );
  const { candidate, baseline, history, plan, cannotConclude } = planned;
  const result = {
    candidate,
    baseline,
    label: scope.label,
    model: scope.model || null,
    tenant: scope.tenant || null,
    unitsPerDay: planned.unitsPerDay,
    trafficFrom: unitsPerDay !== undefined ? "given" : planned.unitsPerDay === null ? null : "usage",
    history,
    ...(plan ?? { metrics: [], warnings: [] }),
    cannotConclude,
  };
  output.result(result, () => lines(planned, output));
}

function lines(planned: PlannedRollout, { width, paint }: Output): string[] {
  const { candidate, baseline, history, plan, unitsPerDay } = planned;
  if (plan === null)
    return wrap(
      `nothing is served yet, so ${candidate} has nothing to be compared with: its gate alone decides`,
      width,
    );
  const known =
    history.outcomes === 0
      ? `no outcome of ${baseline} was recorded in the last 7 days`
      : `${count(history.outcomes)} outcomes of ${baseline} in the last 7 days, each taken for a unit`;
  return [
    paint.bold(`${candidate} against ${baseline}`),
    ...wrap(
      `${known}; ${unitsPerDay === null ? "traffic unknown" : `${count(unitsPerDay)} units a day`}`,
      width,
    ).map(paint.dim),
    "",
    ...table(plan, width),
    ...wrap(LEGEND, width).map(paint.dim),
    "",
    ...wrap(needs(planned, plan), width),
    ...(plan.harmlessPromoted === null
      ? []
      : wrap(
          `a version without any difference is promoted ${percent(plan.harmlessPromoted)} of the time`,
          width,
        )),
    ...plan.warnings.flatMap((warning) => wrap(`warning: ${warning}`, width)).map(paint.yellow),
  ];
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

function needs({ unitsPerDay, policy }: PlannedRollout, plan: Plan): string {
  const { unitsPerArm, unitsTotal, days } = plan;
  if (unitsPerArm === null || unitsTotal === null)
    return "how many units it needs cannot be said without history of every metric that must be proven";
  const time =
    days === null || unitsPerDay === null
      ? ""
      : `: about ${span(days * DAY_MS)} (max_duration ${span(policy.canary.max_duration_ms)})`;
  return `needs about ${count(unitsPerArm)} units an arm, ${count(unitsTotal)} in all${time}`;
}

function percent(part: number): string {
  return part > 0 && part < 1e-4 ? "under 0.01 %" : `${figure(part * 100)} %`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
