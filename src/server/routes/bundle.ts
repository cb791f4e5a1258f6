import { DEFAULT_LABEL } from "../../domain/scope.ts";
import { bundlePrompts } from "../../use-cases/bundle-prompts.ts";
import { bundle, bundleQuery } from "../contract/bundle.ts";
import { answerText, defineRoute } from "../route.ts";

export const getBundle = defineRoute({
  method: "GET",
  path: "/v1/bundle",
  summary: "A label's prompts in one file, for services that are built with theirs",
  about:
    "What the resolver library reads as `snapshotFile`. Active versions alone, and of what the key was granted; the same content is the same text.",
  allow: { permission: "serve", places: "filtered" },
  limit: "read",
  query: bundleQuery,
  answers: { 200: bundle },
  async run({ query: { label = DEFAULT_LABEL, prefix = "" }, caller: { grants }, parts: { db } }) {
    return answerText(200, await bundlePrompts(db, { label, prefix }, grants), "application/json");
  },
});
