import * as v from "valibot";
import { label, storedVersion } from "./resolver.ts";

const MOST_PREFIX = 128;

export const bundleQuery = v.strictObject({
  label: v.optional(label),
  /** How the prompts' names begin. */
  prefix: v.optional(v.pipe(v.string(), v.maxLength(MOST_PREFIX))),
});

/** What `snapshotFile` reads. The hash is that of the body's own text: keep the file as it came. */
export const bundle = v.object({
  sluiceSnapshot: v.number(),
  sha256: v.string(),
  body: v.object({
    pointers: v.array(
      v.object({
        label: v.string(),
        prompt: v.string(),
        model: v.string(),
        tenant: v.string(),
        activeVersion: v.string(),
        revision: v.number(),
      }),
    ),
    versions: v.array(
      v.object({
        ...storedVersion.entries,
        /** Who made it, when and why. */
        provenance: v.object({
          author: v.string(),
          message: v.string(),
          semver: v.string(),
          createdAt: v.string(),
        }),
      }),
    ),
  }),
});
