import { invalidInput, messageOf } from "../errors.ts";
import { readMonitors, type SetMonitors } from "../monitors/monitors-file.ts";
import type { GatePolicy, RolloutPolicy } from "./policy.ts";
import { checkParts } from "./policy-checks.ts";
import { checkReach } from "./policy-reach.ts";
import { outOfBounds } from "./policy-bounds.ts";
import { completeGuardrail, completeMetrics, withTolerance, type Fail } from "./policy-metrics.ts";
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
  checkParts(file, fail);
  const { goal } = file.canary;
  const guardrails = file.canary.guardrails.map((rail, index) => completeGuardrail(file, rail, index, fail));
  const metrics = completeMetrics(file, guardrails);
  checkReach(file.canary, metrics, guardrails, fail);
  return {
    ...(file.gate && { gate: completeGate(file.gate, "canary", fail) }),
    metrics,
    canary: {
      ...(file.canary.users !== undefined && { users: file.canary.users }),
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
    ...approvalOf(file, fail),
    ...monitorsOf(file, fail),
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
    ...approvalOf(file, fail),
    ...monitorsOf(file, fail),
    notify: file.notify.map((one) => defined(one)),
  };
}

function approvalOf(file: PolicyFile | GatePolicyFile, fail: Fail): Pick<RolloutPolicy, "approval"> {
  const { approval } = file;
  if (!approval) return {};
  const before = Array.isArray(approval.before) ? approval.before : [approval.before];
  const { approvers, timeout, distinct_author, asserted, proven } = approval;
  if (asserted && proven)
    fail(["approval", "proven"], "names that are only asserted prove nothing; leave asserted or proven out");
  const rules = { distinct_author, asserted, ...(proven && { proven }) };
  return { approval: { before, approvers, timeout_ms: timeout, ...rules } };
}

/** What spends or refuses is a place's to set, by who may release there; a policy is written by who may push. */
function monitorsOf({ monitors }: PolicyFile | GatePolicyFile, fail: Fail): Pick<RolloutPolicy, "monitors"> {
  if (!monitors) return {};
  const set = readable(monitors, fail);
  for (const [name, spec] of Object.entries(set)) {
    if (spec === "off") continue;
    if (spec.kind === "regate")
      fail(["monitors", name], "costs money, so it is set for a scope: sluice monitors set");
    if (spec.kind === "cost" && spec.stop)
      fail(["monitors", name, "stop"], "has calls refused, so it is set for a scope: sluice monitors set");
  }
  return { monitors: set };
}

function readable(monitors: unknown, fail: Fail): SetMonitors {
  try {
    return readMonitors(monitors);
  } catch (error) {
    return fail(["monitors"], messageOf(error).replace(/^monitors[.:] ?/, ""));
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
