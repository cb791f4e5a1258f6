import { BUILT_IN } from "../rollout/measurements.ts";
import { checkScale, kindOf, type Fail } from "./policy-metrics.ts";
import type { PolicyFile } from "./policy-schema.ts";

/** Whether the parts of a policy fit each other: its stages, then its goal, guardrails and fuses, then the rest. */
export function checkParts(file: PolicyFile, fail: Fail): void {
  checkStages(file.canary.stages, fail);
  checkGoal(file, fail);
  checkGuardrails(file, fail);
  if (kindOf(file, file.canary.goal.metric) === "rare")
    fail(["canary", "goal", "metric"], "a rare metric cannot be the goal; make it a guardrail");
  checkFuses(file, fail);
  checkEnds(file, fail);
  checkUse(file, fail);
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

function checkGoal(file: PolicyFile, fail: Fail): void {
  const { goal } = file.canary;
  if (goal.claim === "non_inferior" && !goal.margin)
    fail(["canary", "goal"], "a non_inferior claim needs a margin, for example margin: 0.05");
  const total = file.canary.total_margin;
  if (total && goal.margin?.kind !== total.kind)
    fail(
      ["canary", "total_margin"],
      `is of another kind than the goal's margin: write both as a part (10%) or both absolute (0.05, 2pp)`,
    );
}

/** Each metric is named once, and each guardrail has the limit of its kind. */
function checkGuardrails(file: PolicyFile, fail: Fail): void {
  const { goal, guardrails } = file.canary;
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
}

function checkFuses(file: PolicyFile, fail: Fail): void {
  file.canary.fuses.forEach((fuse, index) => {
    if ((fuse.above === undefined) === (fuse.below === undefined))
      fail(["canary", "fuses", index], "needs one of above and below");
    const kind = kindOf(file, fuse.metric);
    const side = fuse.above === undefined ? "below" : "above";
    const limit = fuse.above ?? fuse.below ?? 0;
    if ((kind === "rare" || kind === "proportion") && !(limit > 0 && limit < 1))
      fail(["canary", "fuses", index, side], `is a share of the units, above 0 and under 1`);
  });
}

/** What ends a canary, and the watch after it. */
function checkEnds(file: PolicyFile, fail: Fail): void {
  if (file.canary.on_inconclusive === "hold" && file.canary.hold_timeout === undefined)
    fail(["canary", "on_inconclusive"], "hold needs a hold_timeout: how long an operator has to decide");
  if (file.canary.max_units < file.canary.min_units)
    fail(["canary", "max_units"], `must not be below min_units (${file.canary.min_units})`);
  if (file.watch && (file.watch.holdback === 0 || file.watch.holdback > HALF))
    fail(["watch", "holdback"], "must be above 0% and at most 50%");
}

/** No metric is described for nothing. */
function checkUse(file: PolicyFile, fail: Fail): void {
  const { goal, guardrails, fuses } = file.canary;
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
