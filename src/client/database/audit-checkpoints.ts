import { assertPromptName } from "../../domain/names.ts";
import type { HashedAuditLine } from "../../domain/shapes/audit.ts";
import type { AuditCheckpoint, CheckpointVerification } from "../../domain/shapes/audit-checkpoint.ts";
import { readAuditChains } from "../../storage/read/audit-chains.ts";
import { requirePrompt } from "../../storage/read/version.ts";
import {
  assertCheckpoint,
  checkAgainstCheckpoint,
  checkpointAudit,
} from "../../use-cases/checkpoint-audit.ts";
import type { DatabaseParts } from "./database-parts.ts";

/** Entries read at once. */
const PAGE = 1_000;

export async function* auditChains(
  parts: DatabaseParts,
  { prompt: name }: { readonly prompt?: string | undefined } = {},
): AsyncIterable<HashedAuditLine> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  if (prompt !== undefined) await parts.read((db) => requirePrompt(db, prompt));
  for (let after: HashedAuditLine | undefined; ;) {
    const request = { prompt, after, limit: PAGE };
    const page = await parts.read((db) => readAuditChains(db, request));
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1);
  }
}

export function checkpoint(parts: DatabaseParts): Promise<AuditCheckpoint> {
  return parts.read((db) => checkpointAudit(db));
}

export async function verify(
  parts: DatabaseParts,
  checkpoint: AuditCheckpoint,
): Promise<CheckpointVerification> {
  const read = assertCheckpoint(checkpoint, "the checkpoint");
  return parts.read((db) => checkAgainstCheckpoint(db, read));
}
