import { allowsReading } from "../../domain/grants.ts";
import { DEFAULT_LABEL } from "../../domain/scope.ts";
import { snapshotText } from "../../resolver/snapshot/snapshot-file.ts";
import type { SourceVersion } from "../../resolver/index.ts";
import { servedPointers } from "../../storage/read/saved-pointers.ts";
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
    const versions = new Map<string, SourceVersion>();
    const pointers = (await servedPointers(db, { label, prefix }))
      // A default for every prompt may serve a version of a prompt that is not the key's to see.
      .filter((scope) =>
        [scope, { ...scope, prompt: scope.version.prompt }].every((one) => allowsReading(grants, one)),
      )
      .map(({ version, ...pointer }) => {
        versions.set(version.id, version);
        return { ...pointer, activeVersion: version.id };
      });
    return answerText(200, snapshotText({ pointers, versions: [...versions.values()] }), "application/json");
  },
});
