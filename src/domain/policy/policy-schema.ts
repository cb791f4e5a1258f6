import * as v from "valibot";
import { parseModelTarget } from "../prompt/artifact.ts";
import { ATTRIBUTE_NAME } from "../attributes.ts";
import { counted } from "../text/counted.ts";
import { visible } from "../text/visible.ts";
import { parseDuration, parseMargin, parseShare } from "./quantity.ts";
import { secretProblem, webhookProblem } from "../addresses/webhook.ts";
import { NOTIFICATION_EVENTS } from "./notification-events.ts";

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
const wordOf = (most: number) =>
  v.pipe(
    v.string(`must be text, ${counted(most, "character")} at most`),
    v.check(
      (text) => text.trim() !== "" && text.length <= most && visible(text) === text,
      `must be text that can be seen, ${counted(most, "character")} at most`,
    ),
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
  on_insufficient: v.optional(v.picklist(["canary", "reject"], "must be canary or reject")),
  max_token_growth: v.optional(v.pipe(v.number(), v.minValue(0, "must be 0 or more"))),
  strict: v.optional(v.boolean("must be true or false"), false),
  max_cost_usd: v.optional(
    v.pipe(v.number("must be an amount in US dollars"), v.minValue(0, "must be 0 or more")),
  ),
  judge: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => parseModelTarget(text) !== undefined, "write the judge as provider/model"),
    ),
  ),
  fallbacks: v.optional(v.boolean("must be true or false")),
  quick: v.optional(
    v.strictObject({
      model: v.optional(
        v.pipe(
          v.string(),
          v.check((text) => parseModelTarget(text) !== undefined, "write the model as provider/model"),
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
  title: v.optional(wordOf(60)),
  unit: v.optional(wordOf(20)),
});

const canary = v.strictObject({
  users: v.optional(wordOf(30)),
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
/** A policy as people write it; `readPolicy` says what no schema can. */
export const policyFile = v.strictObject({
  gate: v.optional(gate),
  metrics: v.optional(v.record(metricName, metric), {}),
  canary: v.optional(canary),
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
      proven: v.optional(v.boolean("must be true or false"), false),
    }),
  ),
  monitors: v.optional(v.looseObject({}, "must be a mapping of names to monitors")),
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
        events: v.optional(
          v.pipe(
            v.array(
              v.picklist(NOTIFICATION_EVENTS, `must be one of ${NOTIFICATION_EVENTS.join(", ")}`),
              "must be a list of events",
            ),
            v.minLength(
              1,
              "names no event: leave it out to be told of all, or the webhook to be told of none",
            ),
          ),
        ),
      }),
      "must be a list of { webhook, secret, events }",
    ),
    [],
  ),
});

type AnyPolicyFile = v.InferOutput<typeof policyFile>;

/** One with a canary. */
export type PolicyFile = AnyPolicyFile & { readonly canary: NonNullable<AnyPolicyFile["canary"]> };
/** One without: its gate alone decides. */
export type GatePolicyFile = AnyPolicyFile & { readonly canary?: undefined };

export function hasCanary(file: AnyPolicyFile): file is PolicyFile {
  return file.canary !== undefined;
}
