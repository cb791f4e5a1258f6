import { assertPlace } from "../auth/authorise.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { rolloutParams } from "../contract/rollouts.ts";
import {
  recomputed,
  rememberedVerification,
  verification,
  verificationQuery,
} from "../contract/verification.ts";
import { placeOfRollout } from "../place-of-rollout.ts";
import { answer, defineRoute } from "../route.ts";

export const verifyAuditLog = defineRoute({
  method: "GET",
  path: "/v1/audit/verification",
  summary: "Whether the audit log is whole, and every pointer as it says",
  about: "Every entry is computed again. A key learns of what it was granted; `ok` is about that.",
  allow: { permission: "read", places: "filtered" },
  limit: "heavy",
  query: verificationQuery,
  answers: { 200: verification },
  async run({ query: { prompt }, caller, parts: { db, pool }, signal }) {
    const { grants } = caller;
    if (prompt === undefined) return answer(200, await pool.compute("verify", grants, signal));
    assertPlace(caller, { prompt, use: "read" });
    await assertPromptSeen(db, prompt);
    return answer(200, await pool.compute("verify", { ...grants, prompts: [prompt] }, signal));
  },
});

export const getLastVerification = defineRoute({
  method: "GET",
  path: "/v1/audit/verification/last",
  summary: "What the audit log was last found to be, and whether that is being computed again",
  about:
    "Answered at once. Where nothing is remembered, or it is more than an hour old, it begins to compute. Each server remembers its own.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  answers: { 200: rememberedVerification },
  run: async ({ caller: { grants }, parts: { verifications } }) => answer(200, verifications.last(grants)),
});

export const beginVerification = defineRoute({
  method: "POST",
  path: "/v1/audit/verification",
  summary: "Begins to verify the audit log, in the background",
  about: "What is found is remembered; see `GET /v1/audit/verification/last`.",
  allow: { permission: "read", places: "filtered" },
  limit: "heavy",
  answers: { 202: rememberedVerification },
  idempotency: "natural",
  run: async ({ caller: { grants }, parts: { verifications } }) => answer(202, verifications.begin(grants)),
});

export const recompute = defineRoute({
  method: "POST",
  path: "/v1/rollouts/:id/recomputation",
  summary: "Decides every look of a rollout again, from what was stored with it, and compares",
  about: "By the version of the decision rules that decided it. Changes nothing.",
  allow: { permission: "read", places: placeOfRollout("read") },
  limit: "heavy",
  params: rolloutParams,
  answers: { 200: recomputed },
  idempotency: "natural",
  run: async ({ params: { id }, parts: { pool }, signal }) =>
    answer(200, await pool.compute("recompute", id, signal)),
});
