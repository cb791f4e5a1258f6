import * as v from "valibot";
import { entryCursor, limit, pageOf } from "./paging.ts";
import { auditEntry } from "./records.ts";
import { promptName } from "./resolver.ts";
import { verification } from "./verification.ts";

export const auditChainsQuery = v.strictObject({
  prompt: v.optional(promptName),
  cursor: v.optional(entryCursor),
  limit: v.optional(limit),
});

/** As a line of `sluice audit export`. */
export const auditChains = pageOf(
  v.object({ ...auditEntry.entries, previousHash: v.string(), content: v.string() }),
);

const heads = v.array(v.object({ prompt: v.string(), seq: v.number(), hash: v.string() }));

/** As `sluice audit checkpoint --json`. */
export const auditCheckpoint = v.object({
  format: v.literal("sluice-audit-checkpoint-1"),
  installation: v.string(),
  at: v.string(),
  heads,
  sha256: v.string(),
});

export const checkpointVerification = v.object({
  ok: v.boolean(),
  at: v.string(),
  sameInstallation: v.boolean(),
  prompts: v.number(),
  broken: verification.entries.broken,
});
