import { hasVersion } from "../../domain/names.ts";
import type { AbortAnswer, Decided } from "../../domain/shapes/rollouts.ts";
import type { ControlAnswer } from "../../protocol/rollout-controls.ts";
import type { Database } from "../../storage/database.ts";
import { findRollout, type RolloutRow, rolloutScope } from "../../storage/read/rollout-row.ts";
import { findVersionById, numberedVersion, versionName } from "../../storage/read/version.ts";
import { abortRollout, requestAbort } from "../../use-cases/abort-rollout.ts";
import { assertOpen } from "../../use-cases/control-by-key.ts";
import { controlRunning, requireOpenRollout } from "../../use-cases/control-rollout.ts";
import { decideAndNotify } from "../../use-cases/decide-and-notify.ts";
import { noSuchRollout, type RolloutPlace, rolloutPlace } from "../references.ts";
import type { Comment, Reason, RolloutOf } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";
import { refuseOtherVersion } from "./rollouts.ts";

export function control<Name extends "pause" | "resume" | "promote">(
  parts: DatabaseParts,
  name: Name,
  of: RolloutOf,
  why: Reason = {},
): Promise<ControlAnswer<Name>> {
  const place = rolloutPlace(of);
  return parts.write(async (db) => {
    const rollout = await openRollout(db, place);
    return parts.rollouts.use((rollouts) =>
      controlRunning(db, rollout, rollouts, ({ id, workflow_id: workflowId }) =>
        rollouts.control({ rolloutId: id, workflowId }, name, requestOf(parts, why)),
      ),
    );
  });
}

/** Works without Temporal too: where no workflow answers, the database takes the candidate off. */
export function abort(parts: DatabaseParts, of: RolloutOf, why: Reason = {}): Promise<AbortAnswer> {
  const place = rolloutPlace(of);
  return parts.write(async (db) => {
    const rollout = await openRollout(db, place);
    const ended = await abortRollout(db, rollout, requestOf(parts, why), (row, request) =>
      parts.rollouts.use((rollouts) => requestAbort(rollouts)(row, request)),
    );
    const version = await findVersionById(db, rollout.candidate_version);
    const candidate = version ? versionName(version) : rollout.candidate_version;
    return { rolloutId: rollout.id, candidate, ...ended };
  });
}

export function decide(
  parts: DatabaseParts,
  decision: "approve" | "reject",
  of: RolloutOf,
  { comment = "" }: Comment = {},
): Promise<Decided> {
  const place = rolloutPlace(of);
  return parts.write(async (db) =>
    decideAndNotify(db, parts.rollouts, {
      ...(await decided(db, place)),
      decision,
      by: parts.actor,
      comment,
    }),
  );
}

/** What is decided about: the version that is named, or the one that is rolled out. */
async function decided(db: Database, place: RolloutPlace) {
  if ("scope" in place && hasVersion(place.reference))
    return { scope: place.scope, version: await numberedVersion(db, place.reference) };
  const rollout = await openRollout(db, place);
  return {
    scope: rolloutScope(rollout),
    version: (await findVersionById(db, rollout.candidate_version))!,
  };
}

async function openRollout(db: Database, place: RolloutPlace): Promise<RolloutRow> {
  if ("rolloutId" in place) {
    const rollout = await findRollout(db, place.rolloutId);
    if (!rollout) throw noSuchRollout(place.rolloutId);
    await assertOpen(db, rollout);
    return rollout;
  }
  const rollout = await requireOpenRollout(db, place.scope);
  await refuseOtherVersion(db, place.reference, ({ id }) => id === rollout.candidate_version);
  return rollout;
}

function requestOf({ actor }: DatabaseParts, { reason }: Reason) {
  return { by: actor, ...(reason !== undefined && { reason }) };
}
