import * as v from "valibot";
import { ROLLOUT_ACTS } from "../../domain/rollout/offered-acts.ts";
import { flag, limit, pageOf } from "./paging.ts";
import { label, model, promptName, tenant, uuid } from "./resolver.ts";
import { rights } from "./rights.ts";

export const rolloutsQuery = v.strictObject({
  prompt: v.optional(promptName),
  label: v.optional(label),
  /** Empty: those of no model, of no tenant. */
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** Only those that have not ended. */
  running: v.optional(flag),
  /** Only those that have. */
  ended: v.optional(flag),
  limit: v.optional(limit),
  /** `next` of the page before. */
  cursor: v.optional(uuid),
});

export const rolloutParams = v.strictObject({ id: uuid });

export const rolloutEventsQuery = v.strictObject({
  /** `none`: a `status` says that there is another one, and not which. */
  data: v.optional(v.picklist(["none"], "must be none")),
});

const text = v.nullable(v.string());

export const listedRollout = {
  rolloutId: v.string(),
  prompt: v.string(),
  label: v.string(),
  model: text,
  tenant: text,
  /** `support-reply@2`. */
  candidate: v.string(),
  baseline: text,
  phase: v.string(),
  outcome: text,
  reason: text,
  stage: v.number(),
  /** Per cent of units that get the candidate. */
  share: v.number(),
  paused: v.boolean(),
  startedAt: v.string(),
  endedAt: text,
  startedBy: v.string(),
};

export const rolloutList = pageOf(v.object(listedRollout));

/** As `sluice rollout status --json`. */
export const rolloutStatus = v.looseObject({
  ...listedRollout,
  units: v.object({ candidate: v.number(), control: v.number() }),
  evidence: v.array(v.looseObject({ metric: v.string() })),
  /** The newest look at the evidence, and the scope's pointer: what a control can say that it has seen. */
  tick: v.nullable(v.number()),
  revision: v.nullable(v.number()),
  workflowId: v.string(),
  runId: text,
  /** Whose decision it waits for: an approval before one of two points, or an operator's. */
  waitingFor: v.nullable(v.picklist(["canary", "promote", "operator"])),
  /** What whoever asks may do to it, and its workflow's page in Temporal; only in an answer of `GET /v1/rollouts/ID`. */
  can: v.optional(rights(ROLLOUT_ACTS)),
  uiUrl: v.optional(text),
});
