import { stringify } from "yaml";
import { messageOf, SluiceError } from "../../domain/errors.ts";
import { readPolicyFile } from "../../domain/policy/policy-file.ts";
import type { MetricSpec, RolloutPolicy } from "../../domain/policy/policy.ts";
import { writtenPolicy } from "../../domain/policy/written-policy.ts";
import { historyOf } from "../../statistics/planning/baseline-history.ts";
import { fallsShort, plan, type PlanInput } from "../../statistics/planning/plan.ts";
import { isKnown } from "../../statistics/planning/plan-shape.ts";
import { describeSimulation, prepareSimulation } from "../../statistics/planning/prepared-simulation.ts";
import { seededRandom } from "../../statistics/planning/seeded-random.ts";
import { type SimulatedRun, simulateRun, summarise } from "../../statistics/planning/simulate.ts";
import { suggestChanges } from "../../statistics/planning/suggest-changes.ts";
import type {
  AskedOfPlanner,
  ImaginedEnding,
  PlannedRules,
  PlannerAnswer,
  PlannerMessage,
  PlannerRequest,
} from "./planner-messages.ts";

/** Runs beside the page: plans and imagines rollouts by the code that decides real ones, with nothing of the server. */

/** Rollouts between two messages: the bar moves, and a message to stop is heard. */
const AT_A_TIME = 20;

/** The newest request of each kind; an older one ends. */
const newest: Partial<Record<PlannerRequest["kind"], number>> = {};

addEventListener("message", ({ data }: MessageEvent<PlannerMessage>) => {
  const { id, request } = data;
  newest[request.kind] = id;
  const done = request.kind === "plan" ? planRules(id, request) : tryRules(id, request);
  done.catch((error: unknown) => tell({ id, problem: problemOf(error) }));
});

function tell(answer: PlannerAnswer): void {
  postMessage(answer);
}

/** A policy's reader says where something stands in a file, which nobody has here. */
function problemOf(error: unknown): string {
  const text = messageOf(error);
  return error instanceof SluiceError ? text.replace(/^policy(:\d+)*: /, "") : text;
}

const isOld = (kind: PlannerRequest["kind"], id: number) => newest[kind] !== id;
/** Lets messages come in. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

async function planRules(id: number, asked: AskedOfPlanner): Promise<void> {
  const policy = policyOf(asked);
  const input = planInput(policy, asked);
  const common = {
    policy,
    written: writtenPolicy(policy),
    yaml: stringify(writtenPolicy(policy)),
    unitsPerDay: asked.unitsPerDay ?? asked.rules.usage.outcomesPerDay,
  };
  if (!input) {
    const nothing = { plan: null, cannotConclude: false, unknown: [], suggestions: [], isWhole: true };
    return tell({ id, planned: { ...common, ...nothing } });
  }
  const look = (runs: number | undefined, isWhole: boolean): PlannedRules => {
    const found = plan({ ...input, ...(runs !== undefined && { runs }) });
    return {
      ...common,
      plan: found,
      cannotConclude: input.unitsPerDay !== null && fallsShort(found, input.canary),
      unknown: found.metrics
        .filter(({ metric }) => !isKnown(input.history[metric]))
        .map(({ metric }) => metric),
      suggestions: [],
      isWhole,
    };
  };
  const quick = look(0, false);
  const suggestions = suggestChanges(input);
  tell({ id, planned: { ...quick, suggestions } });
  await breathe();
  if (isOld("plan", id)) return;
  tell({ id, planned: { ...look(undefined, true), suggestions } });
}

async function tryRules(id: number, asked: PlannerRequest & { readonly kind: "try" }): Promise<void> {
  const policy = policyOf(asked);
  const history = historyOf(asked.rules.usage, policy);
  const { effect, unitsPerDay, runs, seed } = asked;
  const prepared = prepareSimulation({ policy, history }, { effect, baseline: [], segment: [], unitsPerDay });
  const random = seededRandom(seed);
  const ended: SimulatedRun[] = [];
  let told = 0;
  while (ended.length < runs) {
    ended.push(simulateRun(prepared.simulation, random));
    const isWhole = ended.length === runs;
    if (!isWhole && ended.length % AT_A_TIME > 0) continue;
    const endings = ended.slice(told).map(endingOf);
    told = ended.length;
    const result = describeSimulation(prepared, summarise(ended), seed);
    tell({ id, tried: { endings, result, isWhole } });
    await breathe();
    if (isOld("try", id)) return;
  }
}

function endingOf({ verdict, units }: SimulatedRun): ImaginedEnding {
  const isBack = verdict === "harm" || verdict === "fuse" || verdict === "invalid";
  return { units, ending: verdict === "promote" ? "released" : isBack ? "rolledBack" : "undecided" };
}

/** The policy that the form stands for, read as a file is. */
function policyOf({ policy }: AskedOfPlanner): RolloutPolicy {
  return readPolicyFile(JSON.stringify(policy, null, 2), "policy");
}

/** As `POST /v1/plan` plans; undefined where there is nothing to compare. */
function planInput(policy: RolloutPolicy, { rules, unitsPerDay }: AskedOfPlanner): PlanInput | undefined {
  const { canary, watch } = policy;
  if (!canary || rules.serves === null) return undefined;
  const metrics: Record<string, MetricSpec> = Object.fromEntries(
    Object.entries(policy.metrics).map(([name, spec]) => {
      const base_rate = rules.baseRates[name];
      return [name, base_rate ? { ...spec, base_rate } : spec];
    }),
  );
  return {
    canary,
    metrics,
    history: historyOf(rules.usage, policy).metrics,
    unitsPerDay: unitsPerDay ?? rules.usage.outcomesPerDay,
    ...(watch && { watch }),
  };
}
