import { digestJson } from "../digest.ts";
import { SluiceError } from "../domain/errors.ts";
import { WELL } from "../domain/shapes/propagating.ts";
import type { Database, Transaction } from "../storage/database.ts";
import {
  type PropagationRow,
  type PropagationStepRow,
  propagationSteps,
} from "../storage/read/propagations.ts";
import {
  findVersionById,
  findVersionBySha256,
  versionName,
  type VersionRow,
} from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { changeStep, lockStep } from "../storage/write/propagations.ts";
import { recompose, type Replacement } from "../templates/recompose.ts";
import { pushInto } from "./push.ts";

/** What a version that does not fit, or that may not be saved, is refused with. */
const REFUSED: ReadonlySet<string> = new Set(["invalid_input", "conflict", "not_found"]);

/**
 * Makes a dependant's version with what it includes now, and notes it with the step in one transaction: once, however
 * often it is asked. What cannot be made says why in its step. `then` is done in the same transaction.
 */
export async function makeDependant(
  db: Database,
  propagation: PropagationRow,
  prompt: string,
  then: (transaction: Transaction, made: VersionRow) => Promise<void>,
): Promise<void> {
  try {
    await transact(db, async (transaction) => {
      const step = await lockStep(transaction, propagation.id, prompt);
      if (step.state !== "waiting" || step.version_id !== null) return;
      const steps = await propagationSteps(transaction, propagation.id);
      const blocked = steps.find((one) => step.needs.includes(one.prompt) && !WELL.has(one.state));
      if (blocked) {
        const reason = `${blocked.prompt}, which it includes, comes first: ${blocked.reason || blocked.state.replaceAll("_", " ")}`;
        return changeStep(transaction, step, { state: "stopped", reason });
      }
      const base = await requireById(transaction, step.from_version);
      const artifact = recompose(base.artifact, await replacements(transaction, propagation, base, steps));
      if (digestJson(artifact) === base.sha256) {
        const reason = `${versionName(base)} includes it already`;
        return changeStep(transaction, step, { state: "unchanged", reason, version_id: base.id });
      }
      const { versionId } = await pushInto(
        transaction,
        {
          path: `${versionName(base)} with ${versionName(propagation)}`,
          file: {
            name: prompt,
            artifact,
            description: base.description,
            tags: base.tags,
            metadata: base.metadata,
            policy: undefined,
          },
          policy: undefined,
          tokens: undefined,
        },
        new Map(),
        {
          author: propagation.asserted_by ?? propagation.started_by,
          message: `includes ${versionName(propagation)}`,
        },
      );
      await changeStep(transaction, step, { state: "waiting", reason: "", version_id: versionId });
      await then(transaction, await requireById(transaction, versionId));
    });
  } catch (error) {
    if (!(error instanceof SluiceError) || !REFUSED.has(error.code)) throw error;
    const step = { propagation_id: propagation.id, prompt };
    await changeStep(db, step, { state: "impossible", reason: error.message });
  }
}

/** What takes the place of what a version includes: the version that is propagated, and what was made of others. */
async function replacements(
  db: Database,
  propagation: PropagationRow,
  { artifact }: VersionRow,
  steps: readonly PropagationStepRow[],
): Promise<Map<string, Replacement>> {
  const replaced = new Map<string, Replacement>();
  for (const { prompt, sha256 } of artifact.includes ?? []) {
    const step = steps.find((one) => one.prompt === prompt);
    const id =
      prompt === propagation.prompt ? propagation.version_id : step && (step.version_id ?? step.from_version);
    if (id === undefined || id === null) continue;
    const to = await requireById(db, id);
    const from = (await findVersionBySha256(db, prompt, sha256))?.artifact ?? to.artifact;
    replaced.set(prompt, { from, to });
  }
  return replaced;
}

async function requireById(db: Database, id: string): Promise<VersionRow> {
  const found = await findVersionById(db, id);
  if (!found) throw new SluiceError("internal", `version ${id} of a propagation has no row`);
  return found;
}
