import * as v from "valibot";
import { versionNumber } from "./prompts.ts";
import { dataset } from "./versions.ts";
import { label, model, promptName, tenant } from "./resolver.ts";

const MOST_REASON = 2_000;
const MOST_REQUEST_ID = 200;
const text = v.nullable(v.string());
const anything = v.record(v.string(), v.unknown());
const optionalReason = v.optional(v.pipe(v.string(), v.maxLength(MOST_REASON)));

export const startBody = v.strictObject({
  prompt: promptName,
  version: versionNumber,
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** The policy itself; the one that was pushed with the prompt when absent. */
  policy: v.optional(anything),
  /** The test cases of the policy's gate; those of the prompt's own policy when absent. */
  dataset: v.optional(dataset),
  /** Ends the rollout that is running there first. */
  replace: v.optional(v.boolean(), false),
  /** The same start asked again under the same id is one rollout; the `Idempotency-Key` when absent. */
  requestId: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_REQUEST_ID))),
  /** Also where the same content has failed there within 30 days. */
  again: v.optional(v.boolean(), false),
  /** Also where live callers would fail. */
  force: v.optional(v.boolean(), false),
});

/** As `sluice rollout start --json`. */
export const startedRollout = v.object({
  rolloutId: v.string(),
  workflowId: v.string(),
  runId: text,
  candidate: v.string(),
  requestId: v.string(),
  /** It was running, or this very request had been made before. */
  joined: v.boolean(),
  /** What the cases of its gate can show at most. */
  gate: text,
  /** Why its policy cannot conclude, as far as is known. */
  warnings: v.array(v.string()),
  /** The rollout that was ended for it. */
  replaced: text,
  /** Its workflow's page in Temporal. */
  uiUrl: text,
  /** It waits for a releaser before any user gets it. */
  needsApproval: v.boolean(),
});

const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2_147_483_647));
/** What was looked at, as the rollout's status says it: where it has changed, the answer is 409 with what has. */
const seen = v.optional(v.strictObject({ revision: v.optional(whole), tick: v.optional(whole) }));

export const controlBody = v.strictObject({ reason: optionalReason, seen });
export const decisionBody = v.strictObject({ comment: optionalReason, seen });

const progress = {
  rolloutId: v.string(),
  candidate: v.string(),
  phase: v.string(),
  stage: v.number(),
  paused: v.boolean(),
  waitingFor: text,
  verdict: text,
  reason: text,
};
/** As `sluice rollout pause --json`. */
export const rolloutProgress = v.object(progress);
/** As `sluice rollout promote --json`. */
export const promotionAnswer = v.object({ ...progress, granted: v.boolean(), missing: text });
/** As `sluice rollout abort --json`; the outcome is null while its workflow takes it back. */
export const abortedRollout = v.object({
  rolloutId: v.string(),
  candidate: v.string(),
  outcome: text,
  reason: v.string(),
});
/** As `sluice rollout approve --json`. */
export const decided = v.object({
  rolloutId: v.string(),
  workflowId: v.string(),
  candidate: v.string(),
  point: v.picklist(["canary", "promote"]),
  decision: v.picklist(["approved", "rejected", "waiting"]),
  reason: v.string(),
  approvedBy: v.array(v.string()),
  countedBy: v.string(),
  /** False when the same had been said before. */
  recorded: v.boolean(),
  counts: v.boolean(),
  login: v.string(),
});
