import * as v from "valibot";
import { auditEntry } from "./records.ts";
import { rolloutStatus } from "./rollouts.ts";

const text = v.nullable(v.string());

export const recordQuery = v.strictObject({
  /** `none`: `assessments` is empty, and `decision` null. */
  looks: v.optional(v.picklist(["none"], "must be none")),
});

/** As `sluice audit show --json`. */
export const rolloutRecord = v.object({
  rollout: rolloutStatus,
  gate: v.nullable(
    v.object({
      evaluationId: v.string(),
      verdict: text,
      reason: text,
      looks: v.nullable(v.picklist(["fine", "worse", "not_delivered"])),
      findings: v.array(v.unknown()),
      datasetSha256: v.string(),
      costUsd: v.nullable(v.number()),
      endedAt: text,
    }),
  ),
  approvals: v.array(
    v.object({
      point: v.string(),
      decision: v.string(),
      login: v.string(),
      asserted: v.string(),
      comment: v.string(),
      at: v.string(),
    }),
  ),
  /** The looks whose verdict changed, and the last one. */
  assessments: v.array(
    v.object({
      tick: v.number(),
      at: v.string(),
      stage: v.number(),
      verdict: v.string(),
      reason: v.string(),
    }),
  ),
  /** The rules that it goes by, with durations in ms and shares of 10,000. */
  policy: v.looseObject({}),
  /** How many looks at the evidence there were. */
  ticks: v.number(),
  /** The look that decided, whole. */
  decision: v.nullable(
    v.looseObject({ tick: v.number(), verdict: v.string(), reason: v.string(), codeVersion: v.string() }),
  ),
  audit: v.array(auditEntry),
});
