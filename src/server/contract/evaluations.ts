import * as v from "valibot";
import { CASE_KINDS } from "../../domain/shapes/case-kinds.ts";
import { limit, pageOf } from "./paging.ts";
import { versionNumber } from "./prompts.ts";
import { rights } from "./rights.ts";
import { label, model, promptName, tenant, uuid } from "./resolver.ts";
import { dataset } from "./versions.ts";

const text = v.nullable(v.string());
const number = v.nullable(v.number());

const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

export const evaluationBody = v.strictObject({
  prompt: promptName,
  version: versionNumber,
  /** Of the same prompt; what the label serves when absent, nothing when null. */
  baseline: v.optional(v.nullable(versionNumber)),
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** Its gate says what counts; that of the prompt's own policy, where it has one, when absent. */
  policy: v.optional(v.record(v.string(), v.unknown())),
  /** The test cases; those of the policy when absent. */
  dataset: v.optional(dataset),
  /** These take the place of what the gate says. */
  repeats: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  minPassRate: v.optional(fraction),
  maxRegression: v.optional(fraction),
  /** Least pass rate where no gate says one; 1 when absent. */
  passRateThreshold: v.optional(fraction),
  /** What it may spend at most, in US dollars. */
  maxCostUsd: v.pipe(v.number(), v.gtValue(0)),
});

export const requestedEvaluation = v.object({
  evaluationId: v.string(),
  candidate: v.string(),
  baseline: text,
  /** Test cases, each asked of both versions as often as the gate repeats them. */
  cases: v.number(),
  /** How many answers that takes at most. */
  runs: v.number(),
  maxCostUsd: v.number(),
});

export const evaluationsQuery = v.strictObject({
  prompt: v.optional(promptName),
  limit: v.optional(limit),
  /** `next` of the page before. */
  cursor: v.optional(uuid),
});
export const evaluationParams = v.strictObject({ id: uuid });
export const stopBody = v.strictObject({
  /** Kept with it, and in the audit log. */
  reason: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2_000)),
});

export const stoppedEvaluation = v.object({ evaluationId: v.string() });

const listed = {
  evaluationId: v.string(),
  prompt: v.string(),
  candidate: v.string(),
  baseline: text,
  /** The rollout that it is the gate of. */
  rolloutId: text,
  /** `failed`: it ended without a verdict, and `reason` says why. */
  state: v.picklist(["running", "ended", "failed"]),
  verdict: v.nullable(v.picklist(["pass", "fail", "insufficient"])),
  reason: text,
  costUsd: number,
  maxCostUsd: number,
  startedAt: v.string(),
  endedAt: text,
};
export const evaluationList = pageOf(v.object(listed));

export const shownEvaluation = v.object({
  ...listed,
  /** Case runs with a result, and how many of these are errors. */
  recorded: v.number(),
  errors: v.number(),
  /** How many case runs it takes; null where that cannot be told. */
  runs: number,
  /** What it says of its cases, as sentences need it. */
  tests: v.looseObject({ cases: v.number(), passed: v.number() }),
  /** As `sluice eval --json`, without the results. */
  report: v.nullable(v.looseObject({ cases: v.number(), passRate: number, verdict: v.string() })),
  can: rights(["stop"]),
});

const CURSOR = /^(\d{1,9}):(\d{1,9}):(candidate|baseline|fallback-\d)$/;
export const resultsQuery = v.strictObject({
  limit: v.optional(limit),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.regex(CURSOR, "must be a page's next"),
      v.transform((given) => {
        const [, caseIndex, repeat, arm] = CURSOR.exec(given)!;
        return {
          caseIndex: Number(caseIndex),
          repeat: Number(repeat),
          arm: arm as "candidate" | "baseline" | `fallback-${number}`,
        };
      }),
    ),
  ),
});

const caseResult = v.looseObject({
  /** `candidate`, `baseline`, or `fallback-1` and on: a model that the candidate falls back to. */
  arm: v.string(),
  caseIndex: v.number(),
  repeat: v.number(),
  pass: v.boolean(),
  error: text,
  output: v.string(),
});
export const resultList = pageOf(caseResult);

const MOST_SOUGHT = 200;
const CASES_CURSOR = /^(-?\d(?:\.\d{1,6})?):(\d{1,9})$/;
export const casesQuery = v.strictObject({
  /** In the description, a value or an answer, in any case. */
  q: v.optional(v.pipe(v.string(), v.maxLength(MOST_SOUGHT))),
  /** `worse`: passes less often than with the baseline; `flaky`: its repeats differ. Default `all`. */
  show: v.optional(v.picklist(CASE_KINDS, `must be one of: ${CASE_KINDS.join(", ")}`)),
  limit: v.optional(limit),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.regex(CASES_CURSOR, "must be a page's next"),
      v.transform((given) => {
        const [, loss, caseIndex] = CASES_CURSOR.exec(given)!;
        return { loss: Number(loss), caseIndex: Number(caseIndex) };
      }),
    ),
  ),
});

/** Those that got worse most first; `counts` of each kind, of those that are sought, whichever is shown. */
export const caseList = v.object({
  items: v.array(
    v.object({
      caseIndex: v.number(),
      description: text,
      /** The values that both were asked with; null where the dataset does not tell. */
      vars: v.nullable(v.record(v.string(), v.unknown())),
      loss: number,
      candidate: v.array(caseResult),
      baseline: v.array(caseResult),
    }),
  ),
  counts: v.object({
    worse: v.number(),
    failed: v.number(),
    better: v.number(),
    errors: v.number(),
    flaky: v.number(),
    all: v.number(),
  }),
  next: text,
});
export const junit = v.string();
