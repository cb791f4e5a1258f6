import * as v from "valibot";
import { digestJson } from "../digest.ts";
import { allowsPrompt, type Grants } from "../domain/access/grants.ts";
import { invalidInput } from "../domain/errors.ts";
import type { AuditCheckpoint, CheckpointVerification } from "../domain/shapes/audit-checkpoint.ts";
import type { Database } from "../storage/database.ts";
import { chainsOffHeads, readAuditHeads } from "../storage/read/audit-heads.ts";
import { installationId } from "../storage/read/installation.ts";

const FORMAT = "sluice-audit-checkpoint-1";

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** A checkpoint as it comes back from wherever it was kept. */
export const checkpointSchema = v.strictObject({
  format: v.literal(FORMAT),
  installation: v.string(),
  at: v.pipe(v.string(), v.isoTimestamp()),
  heads: v.array(
    v.strictObject({
      prompt: v.string(),
      seq: v.pipe(v.number(), v.integer(), v.minValue(0)),
      hash: hex,
    }),
  ),
  sha256: hex,
});

/** How far the audit log has come, to be kept where whoever can write the database cannot. */
export async function checkpointAudit(db: Database, seen: Grants = {}): Promise<AuditCheckpoint> {
  const installation = await installationId(db);
  const { at, heads } = await readAuditHeads(db, seen);
  const facts = { format: FORMAT, installation, at: at.toISOString(), heads } as const;
  return { ...facts, sha256: digestJson(facts) };
}

/** Whether the audit log still goes through a checkpoint: finds what was cut off, and what was written anew. */
export async function checkAgainstCheckpoint(
  db: Database,
  checkpoint: AuditCheckpoint,
  seen: Grants = {},
): Promise<CheckpointVerification> {
  const heads = checkpoint.heads.filter(({ prompt }) => allowsPrompt(seen, prompt));
  const broken = await chainsOffHeads(db, heads);
  return {
    ok: broken.length === 0,
    at: checkpoint.at,
    sameInstallation: (await installationId(db)) === checkpoint.installation,
    prompts: heads.length,
    broken,
  };
}

/**
 * Reads a checkpoint's text. What is none, and one that was changed, is `invalid_input` that says which.
 *
 * @param where it comes from, for the error
 */
export function readCheckpoint(text: string, where: string): AuditCheckpoint {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidInput(`${where} is not JSON; give a file that sluice audit checkpoint has written`);
  }
  return assertCheckpoint(json, where);
}

export function assertCheckpoint(json: unknown, where: string): AuditCheckpoint {
  const read = v.safeParse(checkpointSchema, json);
  if (!read.success)
    throw invalidInput(
      `${where} is no checkpoint of the audit log; give what sluice audit checkpoint has written`,
    );
  const { sha256, ...facts } = read.output;
  if (digestJson(facts) !== sha256)
    throw invalidInput(`${where} was changed after it was written: its hash is another`);
  return read.output;
}
