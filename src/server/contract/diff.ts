import * as v from "valibot";
import { parseVersionReference } from "../../domain/names.ts";

/** `support-reply@2` or `support-reply@1.4.0`. */
const versionReference = v.pipe(
  v.string(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    try {
      return parseVersionReference(value);
    } catch {
      addIssue({ message: "must name a version, as in support-reply@2" });
      return NEVER;
    }
  }),
);

export const diffQuery = v.strictObject({ from: versionReference, to: versionReference });

/** As `sluice diff --json`. */
export const versionDiff = v.object({
  from: v.string(),
  to: v.string(),
  same: v.boolean(),
  tokens: v.object({ before: v.number(), after: v.number() }),
  changes: v.array(
    v.object({
      part: v.string(),
      kind: v.picklist(["added", "removed", "changed"]),
      before: v.unknown(),
      after: v.unknown(),
      lines: v.array(v.object({ kind: v.picklist(["same", "removed", "added"]), text: v.string() })),
    }),
  ),
});
