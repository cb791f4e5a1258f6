import { makeKey, storedProof } from "../access/key-text.ts";
import type { Grants } from "../domain/access/grants.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { openWorkloadSession as open, type WorkloadOutcome } from "../storage/write/sessions.ts";

export interface WorkloadSession {
  /** Shown once and kept nowhere. */
  readonly token: string;
  readonly rule: string;
  readonly role: string;
  readonly grants: Grants;
  readonly name: string;
  readonly expiresInMs: number;
}

/** Lets a CI job in whose token has been verified, for 15 minutes, or says why not. */
export async function openWorkloadSession(
  db: Database,
  claims: Readonly<Record<string, unknown>>,
  rule: string | undefined,
): Promise<WorkloadSession | Exclude<WorkloadOutcome, { outcome: "opened" }>> {
  const { id, proof, text } = makeKey("token");
  const opened = await transact(db, (transaction) =>
    open(transaction, { id, proofSha256: storedProof(proof) }, claims, rule),
  );
  if (opened.outcome !== "opened") return opened;
  const { outcome: _, ...session } = opened;
  return { token: text, ...session };
}
