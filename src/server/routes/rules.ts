import { readRules } from "../../use-cases/read-rules.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { rolloutRules, rulesQuery } from "../contract/rules.ts";
import { answer, defineRoute } from "../route.ts";
import { scopeOf } from "../scope-of.ts";

export const getRules = defineRoute({
  method: "GET",
  path: "/v1/rules",
  summary: "What a rollout of a prompt would go by, and what is known to plan it with",
  about:
    "The policy that was pushed with the prompt, what the version that is served has done in the last 7 days, and how often rare events came.",
  allow: {
    permission: "read",
    places({ query }) {
      const { label, prompt, tenant } = scopeOf(query);
      return { label, prompt, tenant, use: "read" };
    },
  },
  limit: "read",
  query: rulesQuery,
  answers: { 200: rolloutRules },
  async run({ query, parts: { db } }) {
    await assertPromptSeen(db, query.prompt);
    return answer(200, (await readRules(db, scopeOf(query))) as never);
  },
});
