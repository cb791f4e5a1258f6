import { diffVersions } from "../../use-cases/diff-versions.ts";
import { assertPlace } from "../auth/authorise.ts";
import { assertPromptSeen } from "../auth/prompt-seen.ts";
import { diffQuery, versionDiff } from "../contract/diff.ts";
import { answer, defineRoute } from "../route.ts";

export const diffStoredVersions = defineRoute({
  method: "GET",
  path: "/v1/diff",
  summary: "What differs between two stored versions, part by part",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: diffQuery,
  answers: { 200: versionDiff },
  async run({ query, caller, parts: { db } }) {
    for (const { prompt } of [query.from, query.to]) {
      assertPlace(caller, { prompt, use: "read" });
      await assertPromptSeen(db, prompt);
    }
    return answer(200, await diffVersions(db, query));
  },
});
