import { assertPlace } from "../auth/authorise.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { rolloutParams } from "../contract/rollouts.ts";
import { recomputed, verification, verificationQuery } from "../contract/verification.ts";
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
