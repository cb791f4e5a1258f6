import * as v from "valibot";
import { invalidInput } from "./errors.ts";
import { ATTRIBUTE_NAME } from "./attributes.ts";
import { ANY_TROUBLE, BUILT_IN, UNANSWERED } from "./measurements.ts";
import type { Coverage, GatePolicy, MetricKind, MetricSpec, RolloutPolicy } from "./policy.ts";
import { outOfBounds } from "./policy-bounds.ts";
import { parseDuration, parseMargin, parseShare, type Margin } from "./quantity.ts";
import { secretProblem, webhookProblem } from "./webhook.ts";
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
const tolerance = v.union(
  [v.literal("margin"), margin],
  "write margin, or how much worse: 10%, 2pp or a number",
);
const increase = v.pipe(
  margin,
  v.check(
    ({ kind, value }) => kind === "absolute" && value >= 0 && value < 1,
    "write how much more often, as a share of the units: 0.5pp, 0.005 or 0",
  ),
  v.transform(({ value }) => value),
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
const segmentName = v.pipe(
  v.string("must be the name of a segment"),
  v.regex(ATTRIBUTE_NAME, "a segment's name has letters, digits and _, 32 at most, and starts with a letter"),
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
  scale: v.optional(v.picklist(["log", "plain"], "must be log or plain")),
  coverage: v.optional(
    v.picklist(["must_match", "reported", "ignore"], "must be must_match, reported or ignore"),
  ),
});

const canary = v.strictObject({
  stages: v.optional(
    v.pipe(
      v.array(v.strictObject({ share, for: v.optional(duration) }), "must be a list of { share, for }"),
      v.minLength(1, "needs at least one stage, for example { share: 5%, for: 1h }"),
    ),
    [{ share: "5%", for: "1h" }, { share: "25%", for: "4h" }, { share: "50%" }],
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
    rollback_tolerance: v.optional(tolerance),
  }),
  total_margin: v.optional(positiveMargin),
  segments: v.optional(
    v.pipe(
      v.array(segmentName, "must be a list of names: tenant, model, or an attribute that services name"),
      v.maxLength(5, "at most 5: each makes harm to all a little harder to see"),
      v.check((names) => new Set(names).size === names.length, "names a segment twice"),
    ),
  ),
  guardrails: v.optional(
    v.array(
      v.strictObject({
        metric: metricName,
        direction,
        margin: v.optional(positiveMargin),
        tolerated_ratio: v.optional(v.pipe(v.number(), v.minValue(1, "must be at least 1"))),
        tolerated_increase: v.optional(increase),
        proof: v.optional(v.literal("harm_only", "must be harm_only, or left out: then it has to be shown")),
        rollback_tolerance: v.optional(tolerance),
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
        ticks: v.optional(count),
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
      v.strictObject({
        webhook: v.pipe(
          v.string("must be an address, env:NAME or file:PATH"),
          v.check(
            (text) => webhookProblem(text) === undefined,
            (issue) => webhookProblem(String(issue.input)) ?? "",
          ),
        ),
        secret: v.optional(
          v.pipe(
            v.string("must be env:NAME or file:PATH"),
            v.check(
              (text) => secretProblem(text) === undefined,
              (issue) => secretProblem(String(issue.input)) ?? "",
            ),
          ),
        ),
      }),
      "must be a list of { webhook, secret }",
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
  const beyond = outOfBounds(file);
  if (beyond) fail(beyond.path, beyond.problem);
  checkStages(file.canary.stages, fail);
  checkMetrics(file, fail);
  const { goal } = file.canary;
  const guardrails = file.canary.guardrails.map((rail, index) => completeGuardrail(file, rail, index, fail));
  const metrics = completeMetrics(file, guardrails);
  return {
    ...(file.gate && { gate: completeGate(file.gate) }),
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
    notify: file.notify.map((one) => defined(one)),
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
    fail(["canary", "on_inconclusive"], "hold needs a hold_timeout: how long a person has to decide");
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

function checkScale(
  { canary: { goal, guardrails } }: PolicyFile,
  name: string,
  { scale, kind = "mean" }: PolicyFile["metrics"][string],
  fail: Fail,
): void {
  if (scale !== "log") return;
  if (kind !== "mean") fail(["metrics", name, "scale"], `log is for means; ${name} is a ${kind}`);
  const margin = [goal, ...guardrails].find(({ metric }) => metric === name)?.margin;
  if (margin?.kind === "absolute")
    fail(["metrics", name, "scale"], "log compares ratios, so its margin must be relative, for example 10%");
}

const RARE_NAMES = /^(error|errors|timeout|timeouts|refusal|refusals)$/;
/** Positive, with a long tail, and better compared by ratios. */
const LOG_NAMES = /^(.*_)?(latency|duration|tokens)(_ms|_s|_seconds)?$/i;
const COST_NAMES = /^(.*_)?(cost|price|usd)(_usd|_cents)?$/i;
/** Given by few users, and by no fixed part of them. */
const RATING_NAMES = /^(.*_)?(ratings?|stars|thumbs(_up|_down)?|feedback|csat|nps)$/i;
/** Most vendor SDKs give up after 10 minutes, with retries before: an outcome may take that long. */
const DEFAULT_WINDOW_MS = 15 * 60_000;
const DEFAULT_RATIO = 1.5;
const DEFAULT_MARGIN: Margin = { kind: "relative", value: 0.1 };

/** A metric with a tolerated_ratio or tolerated_increase, or named error, timeout or refusal, is rare; others are means. */
function kindOf(file: PolicyFile, name: string): MetricKind {
  const said = file.metrics[name]?.kind;
  if (said) return said;
  const limited = file.canary.guardrails.some(
    (r) => r.metric === name && (r.tolerated_ratio ?? r.tolerated_increase) !== undefined,
  );
  return limited || RARE_NAMES.test(name) || BUILT_IN.includes(name) ? "rare" : "mean";
}

type RailFile = PolicyFile["canary"]["guardrails"][number];

/** What a guardrail tolerates where nothing is said. */
function completeGuardrail(file: PolicyFile, rail: RailFile, index: number, fail: Fail): RailFile {
  if (kindOf(file, rail.metric) === "rare")
    return (rail.tolerated_ratio ?? rail.tolerated_increase ?? rail.margin) === undefined
      ? { ...rail, tolerated_ratio: DEFAULT_RATIO }
      : rail;
  if (rail.margin) return rail;
  if (rail.direction === "lower" && (LOG_NAMES.test(rail.metric) || COST_NAMES.test(rail.metric)))
    return { ...rail, margin: DEFAULT_MARGIN };
  return fail(
    ["canary", "guardrails", index],
    `${rail.metric} needs a margin: how much worse is tolerated, for example 10% or 0.05`,
  );
}

/** `rollback_tolerance: margin` is stored as the margin that it stands for. */
function withTolerance<T extends { margin?: Margin; rollback_tolerance?: Margin | "margin" }>(rail: T) {
  const { rollback_tolerance: said, ...rest } = rail;
  const tolerance = said === "margin" ? rail.margin : said;
  return { ...rest, ...(tolerance && { rollback_tolerance: tolerance }) };
}

function completeMetrics(file: PolicyFile, guardrails: readonly RailFile[]): Record<string, MetricSpec> {
  const { goal, fuses } = file.canary;
  const names = [goal.metric, ...guardrails.map((r) => r.metric), ...fuses.map((f) => f.metric)];
  const own = names.filter((name) => !BUILT_IN.includes(name));
  const window = (name: string) => file.metrics[name]?.window ?? DEFAULT_WINDOW_MS;
  const longest = Math.max(...own.map(window));
  const builtIn = [UNANSWERED, ...(names.includes(ANY_TROUBLE) ? [ANY_TROUBLE] : [])];
  return Object.fromEntries([
    ...own.map((name): [string, MetricSpec] => {
      const said = file.metrics[name];
      const kind = kindOf(file, name);
      const rail = [goal, ...guardrails].find(({ metric }) => metric === name);
      const log = kind === "mean" && rail?.margin?.kind === "relative" && LOG_NAMES.test(name);
      const coverage: Coverage = said?.coverage ?? (RATING_NAMES.test(name) ? "reported" : "must_match");
      return [
        name,
        {
          kind,
          window_ms: window(name),
          ...(said?.cap !== undefined && { cap: said.cap }),
          ...(said?.freshness !== undefined && { freshness_ms: said.freshness }),
          ...((said?.scale ?? (log ? "log" : "plain")) === "log" && { scale: "log" }),
          ...(coverage !== "must_match" && { coverage }),
        },
      ];
    }),
    // Silence is known once the slowest outcome had its time.
    ...builtIn.map((name): [string, MetricSpec] => [name, { kind: "rare", window_ms: longest }]),
  ]);
}

function completeGate({ quick, ...gate }: NonNullable<PolicyFile["gate"]>): GatePolicy {
  return { ...defined(gate), ...(quick && { quick: defined(quick) }) };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> } & {};

/** An object without the keys that are undefined, as exact optional properties want it. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}
