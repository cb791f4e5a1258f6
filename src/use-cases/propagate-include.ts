import { messageOf, notFound } from "../domain/errors.ts";
import type { Propagation } from "../domain/shapes/propagating.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { PropagationTemporal } from "../protocol/rollout-temporal.ts";
import type { Database } from "../storage/database.ts";
import { installationOrigin } from "../storage/read/installation.ts";
import { quietPropagations, showPropagation } from "../storage/read/propagations.ts";
import { versionName } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { closePropagation, noteLook, openPropagation } from "../storage/write/propagations.ts";
import type { PlannedPropagation } from "./plan-propagation.ts";

export interface PropagationToStart {
  /** Asked for again under this id it is the same one. */
  readonly id: string;
  readonly label: string | null;
  readonly rollout: boolean;
  readonly needsApproval: boolean;
  readonly maxCostUsd: number | null;
  readonly by: string | null;
}

/**
 * Has workers take a version to what includes its prompt: its row first, with all steps, then its workflow. Asked for
 * again, what was made before is found and not made a second time.
 */
export async function propagateInclude(
  db: Database,
  port: Pick<RolloutsPort, "use">,
  { included, steps }: PlannedPropagation,
  start: PropagationToStart,
): Promise<Propagation> {
  const { id } = start;
  await port.use(async (temporal) => {
    // A Temporal that cannot be used is found before anything is written.
    await temporal.place();
    await transact(db, (transaction) =>
      openPropagation(transaction, {
        ...start,
        prompt: included.prompt,
        versionId: included.id,
        steps: steps.map(({ base, ...step }) => ({ ...step, fromVersion: base.versionId })),
      }),
    );
    try {
      const installation = await installationOrigin(db);
      await temporal.startPropagation(
        { propagationId: id, version: versionName(included) },
        { installation },
      );
    } catch (error) {
      await closePropagation(db, id, `it could not be started: ${messageOf(error)}`);
      throw error;
    }
  });
  return requirePropagation(db, id);
}

/** A propagation with all that has become of it; `not_found` where there is none. */
export async function requirePropagation(db: Database, id: string): Promise<Propagation> {
  const found = await showPropagation(db, id);
  if (found) return found;
  throw notFound(`there is no propagation ${id}`, { propagationId: id });
}

/** Starts the workflow of open propagations again that somebody has terminated, or whose Temporal was lost. Gives their versions. */
export async function resumePropagations(
  db: Database,
  temporal: PropagationTemporal,
  { olderThanMs }: { readonly olderThanMs: number },
): Promise<string[]> {
  const resumed: string[] = [];
  for (const { id, ...version } of await quietPropagations(db, olderThanMs)) {
    if (await temporal.propagationRuns(id)) {
      await noteLook(db, id);
      continue;
    }
    const installation = await installationOrigin(db);
    await temporal.startPropagation({ propagationId: id, version: versionName(version) }, { installation });
    resumed.push(versionName(version));
  }
  return resumed;
}
