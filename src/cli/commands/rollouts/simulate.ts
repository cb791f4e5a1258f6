import { counted, grouped as count } from "../../../domain/counted.ts";
import { setImmediate as breathe } from "node:timers/promises";
import { invalidInput } from "../../../domain/errors.ts";
import { assertPromptName } from "../../../domain/names.ts";
import { formatMargin, type Margin } from "../../../domain/policy/quantity.ts";
import { seededRandom } from "../../../statistics/planning/seeded-random.ts";
import { changed } from "../../../statistics/planning/imagined-units.ts";
import type { ImaginedSegment } from "../../../statistics/planning/simulation.ts";
import {
  simulateRun,
  summarise,
  type Simulation,
  type SimulatedRun,
} from "../../../statistics/planning/simulate.ts";
import { servedVersion } from "../../../storage/read/pointer.ts";
import { requirePrompt } from "../../../storage/read/version.ts";
import { readBaselineHistory } from "../../../use-cases/read-baseline-history.ts";
import type { ImaginedMetric } from "../../../use-cases/imagine-scenario.ts";
import { loadPolicyFile } from "../../../use-cases/load-policy.ts";
import { choosePolicy } from "../../../use-cases/choose-policy.ts";
import {
  describeSimulation,
  type KnownPolicy,
  prepareSimulation,
  type SimulatedPolicy,
} from "../../../use-cases/simulate-policy.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import type { Output } from "../../../terminal/output.ts";
import { reading } from "../../store.ts";
import { columns, figure, span, wrap } from "../../../terminal/text-layout.ts";
import { trafficOf } from "../../parsing/traffic.ts";

const REPORT_EVERY_MS = 2_000;

/** Without a prompt's name this needs nothing but the policy's file. */
export async function run(context: CommandContext, given: Given<"simulate">): Promise<void> {
  const { output } = context;
  const runs = given.integer("runs", { min: 1, max: 1_000_000 })!;
  const seed = given.integer("seed")!;
  const unitsPerDay = trafficOf(given.text("traffic"));
  const prepared = prepareSimulation(await known(context, given), {
    effect: [...given.list("effect"), ...given.list("truth")],
    baseline: given.list("baseline"),
    segment: given.list("segment"),
    unitsPerDay,
  });
  const ended = await simulated(prepared.simulation, runs, seed, output);
  const shown = describeSimulation(prepared, summarise(ended), seed);
  output.result(shown, () => [
    ...lines(shown, prepared.imagined, output),
    ...shown.segments.flatMap((one) => wrap(segmentLine(one), output.width)),
  ]);
}

async function known(context: CommandContext, given: Given<"simulate">): Promise<KnownPolicy> {
  const name = given.optional(0);
  const file = given.text("policy");
  if (name === undefined) {
    if (file === undefined)
      throw invalidInput("name the policy to simulate: --policy FILE, or a prompt that has one");
    return { policy: (await loadPolicyFile(file)).policy };
  }
  const scope = given.scope(assertPromptName(name));
  return reading(context, async (db) => {
    await requirePrompt(db, scope.prompt);
    const { policy } = await choosePolicy(db, scope.prompt, { policyFile: file });
    return { policy, history: await readBaselineHistory(db, scope, await servedVersion(db, scope), policy) };
  });
}

async function simulated(
  simulation: Simulation,
  runs: number,
  seed: number,
  output: Output,
): Promise<SimulatedRun[]> {
  const random = seededRandom(seed);
  const ended: SimulatedRun[] = [];
  let reportedAt = Date.now();
  while (ended.length < runs) {
    ended.push(simulateRun(simulation, random));
    // So that Ctrl-C is heard.
    await breathe();
    if (Date.now() - reportedAt < REPORT_EVERY_MS) continue;
    reportedAt = Date.now();
    output.progress(`${count(ended.length)} of ${counted(runs, "run")}`);
  }
  return ended;
}

function lines(
  shown: SimulatedPolicy,
  imagined: readonly ImaginedMetric[],
  { width, paint }: Output,
): string[] {
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
      imagined.map(({ metric, scenario, from }) => [
        metric,
        levelOf(scenario),
        `(${from})`,
        candidateOf(scenario),
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

function levelOf({ baseline, skewed }: ImaginedMetric["scenario"]): string {
  if ("rate" in baseline) return percent(baseline.rate);
  return `${figure(baseline.mean)} ± ${figure(baseline.sd)}${skewed ? ", skewed" : ""}`;
}

function candidateOf({ baseline, change }: ImaginedMetric["scenario"]): string {
  if (!change) return "the same";
  const level = changed("rate" in baseline ? baseline.rate : baseline.mean, change);
  return `${signed(change)}: ${"rate" in baseline ? percent(level) : figure(level)}`;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))} %`;
}
