import { listFeedback } from "../../storage/read/feedback-list.ts";
import { requireVersion } from "../../storage/read/version.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { feedbackList, feedbackQuery } from "../contract/feedback.ts";
import { nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import { answer, defineRoute } from "../route.ts";
import { sinceOf } from "./records.ts";

export const listFeedbackOfPrompt = defineRoute({
  method: "GET",
  path: "/v1/feedback",
  summary: "What users said, and samples of what was asked and answered, the newest first",
  about:
    "A key for some labels or tenants gets what came of rollouts there: nobody knows whose words the rest are.",
  allow: { permission: "read", places: ({ query: { prompt } }) => ({ prompt, use: "read" }) },
  limit: "read",
  query: feedbackQuery,
  answers: { 200: feedbackList },
  async run({ query, caller: { grants: seen }, parts: { db } }) {
    const { prompt, version: number, rating, only, limit = USUAL_ITEMS, cursor: before } = query;
    await assertPromptSeen(db, prompt);
    const versionId = number === undefined ? undefined : (await requireVersion(db, { prompt, number })).id;
    const since = sinceOf(query.since);
    const items = await listFeedback(db, {
      prompt,
      versionId,
      rating,
      since,
      with: only,
      limit,
      before,
      seen,
    });
    return answer(200, { items, next: nextOf(items, limit, ({ outcomeId }) => outcomeId) });
  },
});
