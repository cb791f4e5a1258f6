import * as v from "valibot";
import { invalidInput } from "./errors.ts";
import type { GatePolicy, MetricKind, MetricSpec, RolloutPolicy } from "./policy.ts";
import { parseDuration, parseMargin, parseShare } from "./quantity.ts";
import { checkSource, readSource, type SourceDocument } from "./source-document.ts";

const duration = v.pipe(
  v.string("write a duration as 500ms, 30s, 10m, 4h or 14d"),
  v.check((text) => parseDuration(text) !== undefined, "write a duration as 500ms, 30s, 10m, 4h or 14d"),
  v.transform((text) => parseDuration(text)!),
);
const positiveDuration = v.pipe(duration, v.minValue(1, "must be longer than nothing"));
const share = v.pipe(
  v.union([v.string(), v.number()], "write a share as 5% or 0.05"),
  v.check((value) => parseShare(value) !== undefined, "write a share from 0% to 100%, at most two decimals"),
  v.transform((value) => parseShare(value)!),
);
const margin = v.pipe(
  v.union([v.string(), v.number()], "write a margin as 10% (relative), 2pp or a number (absolute)"),
  v.check(
    (value) => parseMargin(value) !== undefined,
    "write a margin as 10% (relative), 2pp or a number (absolute)",
  ),
  v.transform((value) => parseMargin(value)!),
);
const positiveMargin = v.pipe(
  margin,
  v.check((value) => value.value > 0, "a margin says how much worse is tolerated: it must be above 0"),
);
const wholeNumber = v.pipe(v.number("must be a whole number"), v.integer("must be a whole number"));
const count = v.pipe(wholeNumber, v.minValue(1, "must be at least 1"));
const fraction = v.pipe(
  v.number("must be a number from 0 to 1"),
  v.minValue(0, "must be from 0 to 1"),
  v.maxValue(1, "must be from 0 to 1"),
);
const metricName = v.pipe(
  v.string("must be the name of a metric"),
  v.regex(
    /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/,
    "a metric's name has letters, digits, _ . - and starts with a letter",
  ),
);
const direction = v.picklist(["higher", "lower"], "say which way is better: higher or lower");

const gate = v.strictObject({
  dataset: v.pipe(v.string("must be the path of a dataset"), v.nonEmpty("must be the path of a dataset")),
  repeats: v.optional(v.pipe(count, v.maxValue(100, "at most 100")), 1),
  min_pass_rate: v.optional(fraction, 0.9),
  max_regression: v.optional(fraction, 0.05),
  on_insufficient: v.optional(v.picklist(["canary", "reject"], "must be canary or reject"), "canary"),
  max_token_growth: v.optional(v.pipe(v.number(), v.minValue(0, "must be 0 or more"))),
  strict: v.optional(v.boolean("must be true or false"), false),
  max_cost_usd: v.optional(
    v.pipe(v.number("must be an amount in US dollars"), v.minValue(0, "must be 0 or more")),
  ),
  judge: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(openai|anthropic)\/.+/, "write the judge as provider/model, with openai or anthropic"),
    ),
  ),
  quick: v.optional(
    v.strictObject({
      model: v.optional(
        v.pipe(
          v.string(),
          v.regex(/^(openai|anthropic)\/.+/, "write the model as provider/model, with openai or anthropic"),
        ),
      ),
      cases: v.optional(count),
    }),
  ),
});

const metric = v.strictObject({
  kind: v.optional(
    v.picklist(["mean", "proportion", "rare", "ratio"], "must be mean, proportion, rare or ratio"),
  ),
  window: v.optional(duration),
  cap: v.optional(v.number("must be a number")),
  freshness: v.optional(positiveDuration),
});

const canary = v.strictObject({
  stages: v.pipe(
    v.array(v.strictObject({ share, for: v.optional(duration) }), "must be a list of { share, for }"),
    v.minLength(1, "needs at least one stage, for example { share: 5%, for: 1h }"),
  ),
  interval: v.optional(positiveDuration, "30s"),
  min_units: v.optional(count, 100),
  max_units: v.optional(count, 9000),
  max_duration: v.optional(positiveDuration, "14d"),
  goal: v.strictObject({
    metric: metricName,
    direction,
    claim: v.optional(
      v.picklist(["superior", "non_inferior"], "must be superior or non_inferior"),
      "non_inferior",
    ),
    margin: v.optional(positiveMargin),
  }),
  total_margin: v.optional(positiveMargin),
  guardrails: v.optional(
    v.array(
      v.strictObject({
        metric: metricName,
        direction,
        margin: v.optional(positiveMargin),
        tolerated_ratio: v.optional(v.pipe(v.number(), v.minValue(1, "must be at least 1"))),
        rollback_tolerance: v.optional(margin),
      }),
      "must be a list of { metric, direction, margin }",
    ),
    [],
  ),
  fuses: v.optional(
    v.array(
      v.strictObject({
        metric: metricName,
        above: v.optional(v.number("must be a number")),
        below: v.optional(v.number("must be a number")),
        ticks: v.optional(count, 2),
      }),
      "must be a list of { metric, above, ticks }",
    ),
    [],
  ),
  promote_by: v.optional(
    v.picklist(["group_sequential", "fixed_horizon"], "must be group_sequential or fixed_horizon"),
    "group_sequential",
  ),
  on_inconclusive: v.optional(
    v.picklist(
      ["rollback", "hold", "promote_if_noninferior"],
      "must be rollback, hold or promote_if_noninferior",
    ),
    "rollback",
  ),
  hold_timeout: v.optional(positiveDuration),
  lease: v.optional(v.pipe(duration, v.minValue(2000, "must be at least 2s")), "5m"),
});

const approvalPoint = v.picklist(["canary", "promote"], "must be canary or promote");
const policyFile = v.strictObject({
  gate: v.optional(gate),
  metrics: v.optional(v.record(metricName, metric), {}),
  canary,
  approval: v.optional(
    v.strictObject({
      before: v.union(
        [approvalPoint, v.array(approvalPoint)],
        "must be canary or promote, or a list of them",
      ),
      approvers: v.optional(v.pipe(count, v.maxValue(20, "at most 20")), 1),
      timeout: v.optional(positiveDuration, "24h"),
      distinct_author: v.optional(v.boolean("must be true or false"), true),
      asserted: v.optional(v.boolean("must be true or false"), false),
    }),
  ),
  watch: v.optional(v.strictObject({ for: positiveDuration, holdback: v.optional(share, "5%") })),
  notify: v.optional(
    v.array(
      v.strictObject({ webhook: v.pipe(v.string(), v.url("must be a web address")) }),
      "must be a list of { webhook }",
    ),
    [],
  ),
});

/** Reads a rollout policy as people write it. Whatever is wrong is one `invalid_input` with its place. */
export function readPolicyFile(text: string, name: string): RolloutPolicy {
  return readPolicy(readSource(text, name));
}

/** Reads a policy from a document, or from the value under `policy` of a prompt file (then `inside` is that key). */
export function readPolicy(document: SourceDocument): RolloutPolicy {
  const file = checkSource(document, policyFile);
  const fail = (path: (string | number)[], message: string): never => {
    throw invalidInput(`${document.locate(path)}: ${path.join(".")}: ${message}`, {
      file: document.name,
      path,
    });
  };
  checkStages(file.canary.stages, fail);
  checkMetrics(file, fail);
  const { goal, guardrails } = file.canary;
  const metrics = completeMetrics(file);
  return {
    ...(file.gate && { gate: completeGate(file.gate) }),
    metrics,
    canary: {
      stages: file.canary.stages.map((stage) => ({ share: stage.share, dwell_ms: stage.for ?? 0 })),
      interval_ms: file.canary.interval,
      min_units: file.canary.min_units,
      max_units: file.canary.max_units,
      max_duration_ms: file.canary.max_duration,
      goal: defined(goal),
      ...(file.canary.total_margin && { total_margin: file.canary.total_margin }),
      guardrails: guardrails.map((rail) => defined(rail)),
      fuses: file.canary.fuses.map((fuse) => defined(fuse)),
      promote_by: file.canary.promote_by,
      on_inconclusive: file.canary.on_inconclusive,
      ...(file.canary.hold_timeout !== undefined && { hold_timeout_ms: file.canary.hold_timeout }),
      lease_ms: file.canary.lease,
    },
    ...(file.approval && {
      approval: {
        before: Array.isArray(file.approval.before) ? file.approval.before : [file.approval.before],
        approvers: file.approval.approvers,
        timeout_ms: file.approval.timeout,
        distinct_author: file.approval.distinct_author,
        asserted: file.approval.asserted,
      },
    }),
    ...(file.watch && { watch: { for_ms: file.watch.for, holdback: file.watch.holdback } }),
    notify: file.notify,
  };
}

type PolicyFile = v.InferOutput<typeof policyFile>;
type Fail = (path: (string | number)[], message: string) => never;

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
    if (kind !== "rare" && rail.tolerated_ratio !== undefined)
      fail(
        [...path, "tolerated_ratio"],
        `is for rare metrics; ${rail.metric} is a ${kind}: give it a margin`,
      );
    if (kind !== "rare" && !rail.margin)
      fail(path, `${rail.metric} needs a margin: how much worse is tolerated, for example 10% or 0.05`);
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
  });
  if (file.canary.on_inconclusive === "hold" && file.canary.hold_timeout === undefined)
    fail(["canary", "on_inconclusive"], "hold needs a hold_timeout: how long a person has to decide");
  if (file.canary.max_units < file.canary.min_units)
    fail(["canary", "max_units"], `must not be below min_units (${file.canary.min_units})`);
  if (file.watch && (file.watch.holdback === 0 || file.watch.holdback > HALF))
    fail(["watch", "holdback"], "must be above 0% and at most 50%");
  for (const name of Object.keys(file.metrics)) {
    const used =
      name === goal.metric ||
      guardrails.some((r) => r.metric === name) ||
      fuses.some((f) => f.metric === name);
    if (!used) fail(["metrics", name], "no goal, guardrail or fuse names this metric");
  }
}

const RARE_NAMES = /^(error|errors|timeout|timeouts|refusal|refusals)$/;
const DEFAULT_WINDOW_MS = 60_000;

/** A metric with a tolerated_ratio, or named error, timeout or refusal, is rare; others are means. */
function kindOf(file: PolicyFile, name: string): MetricKind {
  const said = file.metrics[name]?.kind;
  if (said) return said;
  const ratio = file.canary.guardrails.some((r) => r.metric === name && r.tolerated_ratio !== undefined);
  return ratio || RARE_NAMES.test(name) ? "rare" : "mean";
}

function completeMetrics(file: PolicyFile): Record<string, MetricSpec> {
  const { goal, guardrails, fuses } = file.canary;
  const names = [goal.metric, ...guardrails.map((r) => r.metric), ...fuses.map((f) => f.metric)];
  return Object.fromEntries(
    names.map((name): [string, MetricSpec] => {
      const said = file.metrics[name];
      return [
        name,
        {
          kind: kindOf(file, name),
          window_ms: said?.window ?? DEFAULT_WINDOW_MS,
          ...(said?.cap !== undefined && { cap: said.cap }),
          ...(said?.freshness !== undefined && { freshness_ms: said.freshness }),
        },
      ];
    }),
  );
}

function completeGate({ quick, ...gate }: NonNullable<PolicyFile["gate"]>): GatePolicy {
  return { ...defined(gate), ...(quick && { quick: defined(quick) }) };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> } & {};

/** An object without the keys that are undefined, as exact optional properties want it. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}
