import { invalidInput } from "../errors.ts";
import { BUILT_IN } from "../rollout/measurements.ts";
import type { GatePolicy, RolloutPolicy } from "./policy.ts";
import { checkReach } from "./policy-reach.ts";
import { outOfBounds } from "./policy-bounds.ts";
import {
  checkScale,
  completeGuardrail,
  completeMetrics,
  kindOf,
  withTolerance,
  type Fail,
} from "./policy-metrics.ts";
import { hasCanary, policyFile, type GatePolicyFile, type PolicyFile } from "./policy-schema.ts";
import { checkSource, readSource, type SourceDocument } from "../prompt/source-document.ts";

/** Reads a rollout policy as people write it. Whatever is wrong is one `invalid_input` with its place. */
export function readPolicyFile(text: string, name: string): RolloutPolicy {
  return readPolicy(readSource(text, name));
}

/** Reads a policy from a document, or from the value under `policy` of a prompt file (then `inside` is that key). */
export function readPolicy(document: SourceDocument): RolloutPolicy {
  const file = checkSource(document, policyFile);
  const fail = (path: (string | number)[], message: string): never => {
    const key = path.length > 0 ? `${path.join(".")}: ` : "";
    throw invalidInput(`${document.locate(path)}: ${key}${message}`, {
      file: document.name,
      path,
    });
  };
  const beyond = outOfBounds(file);
  if (beyond) fail(beyond.path, beyond.problem);
  return hasCanary(file) ? withCanary(file, fail) : gateAlone(file as GatePolicyFile, fail);
}

function withCanary(file: PolicyFile, fail: Fail): RolloutPolicy {
  checkStages(file.canary.stages, fail);
  checkMetrics(file, fail);
  const { goal } = file.canary;
  const guardrails = file.canary.guardrails.map((rail, index) => completeGuardrail(file, rail, index, fail));
  const metrics = completeMetrics(file, guardrails);
  checkReach(file.canary, metrics, guardrails, fail);
  return {
    ...(file.gate && { gate: completeGate(file.gate, "canary", fail) }),
    metrics,
    canary: {
      stages: file.canary.stages.map((stage) => ({ share: stage.share, dwell_ms: stage.for ?? 0 })),
      interval_ms: file.canary.interval,
      min_units: file.canary.min_units,
      max_units: file.canary.max_units,
      max_duration_ms: file.canary.max_duration,
      goal: withTolerance(defined(goal)),
      ...(file.canary.segments?.length && { segments: file.canary.segments }),
      ...(file.canary.total_margin && { total_margin: file.canary.total_margin }),
      guardrails: guardrails.map((rail) => withTolerance(defined(rail))),
      fuses: file.canary.fuses.map((fuse) => defined(fuse)),
      promote_by: file.canary.promote_by,
      on_inconclusive: file.canary.on_inconclusive,
      ...(file.canary.hold_timeout !== undefined && { hold_timeout_ms: file.canary.hold_timeout }),
      lease_ms: file.canary.lease,
    },
    ...approvalOf(file),
    ...(file.watch && { watch: { for_ms: file.watch.for, holdback: file.watch.holdback } }),
    notify: file.notify.map((one) => defined(one)),
  };
}

/** Test, approve where asked, promote. What a canary would be measured by has no place in it. */
function gateAlone(file: GatePolicyFile, fail: Fail): RolloutPolicy {
  const { gate, watch, metrics } = file;
  if (!gate) return fail([], "a policy needs a gate, a canary or both");
  if (gate.on_insufficient === "canary")
    fail(["gate", "on_insufficient"], "canary needs a canary: without one, what cannot be told is rejected");
  if (watch) fail(["watch"], "needs a canary: nothing is measured without one");
  if (Object.keys(metrics).length > 0) fail(["metrics"], "need a canary: nothing is measured without one");
  return {
    gate: completeGate(gate, "reject", fail),
    metrics: {},
    ...approvalOf(file),
    notify: file.notify.map((one) => defined(one)),
  };
}

function approvalOf(file: PolicyFile | GatePolicyFile): Pick<RolloutPolicy, "approval"> {
  const { approval } = file;
  if (!approval) return {};
  const before = Array.isArray(approval.before) ? approval.before : [approval.before];
  const { approvers, timeout, distinct_author, asserted } = approval;
  return { approval: { before, approvers, timeout_ms: timeout, distinct_author, asserted } };
}

const HALF = 5000;

function checkStages(stages: PolicyFile["canary"]["stages"], fail: Fail): void {
  stages.forEach((stage, index) => {
    const path = ["canary", "stages", index, "share"];
    if (stage.share === 0) fail(path, "a stage needs a share above 0%");
    if (stage.share > HALF)
      fail(path, "a stage has at most 50%: the control that it is compared with is as large");
    const before = stages[index - 1];
    if (before && stage.share <= before.share)
      fail(path, `stages must grow, and this one is not above ${before.share / 100}%`);
  });
}

function checkMetrics(file: PolicyFile, fail: Fail): void {
  const { goal, guardrails, fuses } = file.canary;
  if (goal.claim === "non_inferior" && !goal.margin)
    fail(["canary", "goal"], "a non_inferior claim needs a margin, for example margin: 0.05");
  const total = file.canary.total_margin;
  if (total && goal.margin?.kind !== total.kind)
    fail(
      ["canary", "total_margin"],
      `is of another kind than the goal's margin: write both as a part (10%) or both absolute (0.05, 2pp)`,
    );
  const seen = new Map<string, string>([[goal.metric, "the goal"]]);
  guardrails.forEach((rail, index) => {
    const path = ["canary", "guardrails", index];
    const earlier = seen.get(rail.metric);
    if (earlier) fail([...path, "metric"], `${rail.metric} is named twice: it is ${earlier} already`);
    seen.set(rail.metric, `guardrail ${index + 1}`);
    const kind = kindOf(file, rail.metric);
    for (const key of ["tolerated_ratio", "tolerated_increase"] as const)
      if (kind !== "rare" && rail[key] !== undefined)
        fail([...path, key], `is for rare metrics; ${rail.metric} is a ${kind}: give it a margin`);
    if (rail.margin && rail.tolerated_increase !== undefined)
      fail([...path, "margin"], "says the same as tolerated_increase: write one of them");
    if (kind === "rare" && rail.margin?.kind === "relative")
      fail([...path, "margin"], "a rare metric takes an absolute margin (0.5pp) or a tolerated_ratio");
    if (kind === "rare" && rail.direction === "higher")
      fail([...path, "direction"], "rare metrics count what goes wrong: lower is better");
  });
  if (kindOf(file, goal.metric) === "rare")
    fail(["canary", "goal", "metric"], "a rare metric cannot be the goal; make it a guardrail");
  fuses.forEach((fuse, index) => {
    if ((fuse.above === undefined) === (fuse.below === undefined))
      fail(["canary", "fuses", index], "needs one of above and below");
    const kind = kindOf(file, fuse.metric);
    const side = fuse.above === undefined ? "below" : "above";
    const limit = fuse.above ?? fuse.below ?? 0;
    if ((kind === "rare" || kind === "proportion") && !(limit > 0 && limit < 1))
      fail(["canary", "fuses", index, side], `is a share of the units, above 0 and under 1`);
  });
  if (file.canary.on_inconclusive === "hold" && file.canary.hold_timeout === undefined)
    fail(["canary", "on_inconclusive"], "hold needs a hold_timeout: how long an operator has to decide");
  if (file.canary.max_units < file.canary.min_units)
    fail(["canary", "max_units"], `must not be below min_units (${file.canary.min_units})`);
  if (file.watch && (file.watch.holdback === 0 || file.watch.holdback > HALF))
    fail(["watch", "holdback"], "must be above 0% and at most 50%");
  for (const [name, spec] of Object.entries(file.metrics)) {
    if (BUILT_IN.includes(name)) fail(["metrics", name], "is built in and takes no settings");
    checkScale(file, name, spec, fail);
    const used =
      name === goal.metric ||
      guardrails.some((r) => r.metric === name) ||
      fuses.some((f) => f.metric === name);
    if (!used) fail(["metrics", name], "no goal, guardrail or fuse names this metric");
  }
}

function completeGate(
  { quick, on_insufficient, ...gate }: NonNullable<PolicyFile["gate"]>,
  otherwise: GatePolicy["on_insufficient"],
  fail: Fail,
): GatePolicy {
  if (gate.min_pass_rate === 0)
    fail(["gate", "min_pass_rate"], "0 is met by a first version that fails every case: write more than 0");
  return {
    ...defined(gate),
    on_insufficient: on_insufficient ?? otherwise,
    ...(quick && { quick: defined(quick) }),
  };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> } & {};

/** An object without the keys that are undefined, as exact optional properties want it. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}
