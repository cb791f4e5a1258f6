import type { AlertSubject, Triage } from "../domain/shapes/monitors.ts";
import { ASK_AGAIN } from "../domain/plain/say-triage.ts";
import { counted, grouped } from "../domain/text/counted.ts";
import type { Database } from "../storage/database.ts";
import { type TriageEvidence, triageEvidence } from "../storage/read/triage-evidence.ts";

/** Input tokens that have moved by more than this part of them are another traffic. */
const MOVED = 0.1;

/**
 * Whose doing a rise is likely to be, by what is known without a call: other prompts that ask the same model, and what
 * callers send. Asking its tests again would say more.
 */
export async function readTriage(
  db: Database,
  {
    monitor: { label, model, tenant },
    versionId,
    since,
  }: { readonly monitor: AlertSubject; readonly versionId: string; readonly since: Date },
): Promise<Triage> {
  return conclude(await triageEvidence(db, { versionId, label, model, tenant }, since));
}

function conclude({ model, others, othersRisen, tokensBefore, tokensSince }: TriageEvidence): Triage {
  const says: string[] = [];
  const moved =
    tokensBefore !== null && tokensSince !== null && tokensBefore > 0
      ? Math.abs(tokensSince / tokensBefore - 1) > MOVED
      : false;
  if (othersRisen > 0) {
    says.push(
      `${counted(othersRisen, "other prompt")} of ${grouped(others)} on ${model} ${othersRisen === 1 ? "has" : "have"} risen at the same time: the vendor's model is likely to have changed, and a rollback would not help.`,
    );
    return { cause: "model", says };
  }
  if (moved) {
    says.push(
      `Callers send ${counted(tokensSince!, "token")} a call, it was ${grouped(tokensBefore!)}: what they send has changed.`,
    );
    return { cause: "traffic", says };
  }
  if (others > 0) says.push(`None of ${counted(others, "other prompt")} on ${model} has risen.`);
  if (tokensBefore !== null && tokensSince !== null) says.push("What callers send is as long as before.");
  says.push(ASK_AGAIN);
  return { cause: others > 0 && othersRisen === 0 && !moved ? "version" : "unknown", says };
}
