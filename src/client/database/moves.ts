import type { FleetConfirmation } from "../../domain/fleet.ts";
import { SluiceError } from "../../domain/errors.ts";
import { hasVersion, parseReference, parseVersionReference } from "../../domain/names.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { DeadLetterRow, Redriven } from "../../domain/shapes/dead-letters.ts";
import type { ChangedLabel, MovedLabel } from "../../domain/shapes/labels.ts";
import type { RolledBack, SetPointer } from "../../domain/shapes/pointers.ts";
import type { Database } from "../../storage/database.ts";
import { numberedVersion, requirePrompt, requireVersion } from "../../storage/read/version.ts";
import { awaitFleet as waitForFleet } from "../../use-cases/await-fleet.ts";
import { discardDeadLetter as discard } from "../../use-cases/discard-dead-letter.ts";
import { rollBack as rollBackScope } from "../../use-cases/roll-back.ts";
import { setPointerByHand } from "../../use-cases/set-pointer.ts";
import { setLabel as changeLabel } from "../../use-cases/set-label.ts";
import { rollbackTarget, scopeOrDefault, scopeUnder } from "../references.ts";
import type {
  AwaitFleetRequest,
  LabelRequest,
  MoveLabelRequest,
  RollBackRequest,
  SetPointerRequest,
} from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";
import { lockNewsLine } from "./lock-news.ts";

export function rollBack(parts: DatabaseParts, request: RollBackRequest): Promise<RolledBack> {
  const scope = scopeOrDefault(request);
  const { reason, endBlockers = false, onConnected, onNote } = request;
  const to = rollbackTarget(scope.prompt, request.to);
  return parts.write((db) => {
    onConnected?.();
    return rollBackScope(
      db,
      { scope, reason, by: parts.actor, to },
      { endBlockers, onNews: (news) => onNote?.(lockNewsLine(news, endBlockers)) },
    ).catch((error: unknown) => explained(db, scope, error));
  });
}

/** Where nothing is served, the nearest name says more. */
async function explained(db: Database, scope: ScopeColumns, error: unknown): Promise<never> {
  if (error instanceof SluiceError && error.code === "not_found" && scope.prompt !== "")
    await requirePrompt(db, scope.prompt);
  throw error;
}

export function awaitFleet(parts: DatabaseParts, request: AwaitFleetRequest): Promise<FleetConfirmation> {
  const scope = scopeOrDefault(request);
  const { revision, withinMs, since, signal } = request;
  return parts.read((db) =>
    waitForFleet(db, {
      scope,
      revision,
      withinMs,
      ...(since !== undefined && { since }),
      ...(signal && { signal }),
    }),
  );
}

export function setPointer(parts: DatabaseParts, request: SetPointerRequest): Promise<SetPointer> {
  const reference = parseVersionReference(request.version);
  const scope = scopeOrDefault({ ...request, prompt: reference.prompt });
  const { expectedRevision, reason, force = false, emergency } = request;
  return parts.write(async (db) =>
    setPointerByHand(db, {
      scope,
      version: await numberedVersion(db, reference),
      expectedRevision,
      reason,
      force,
      emergency,
      by: parts.actor,
    }),
  );
}

export function discardDeadLetter(
  parts: DatabaseParts,
  id: string,
  { reason }: { readonly reason: string },
): Promise<DeadLetterRow> {
  return parts.write((db) => discard(db, { id, by: parts.actor, reason }));
}

export async function redriveDeadLetter(parts: DatabaseParts, id: string): Promise<Redriven> {
  const { redrive } = await import("../../use-cases/redrive.ts");
  return parts.write((db) =>
    redrive(
      {
        db,
        by: parts.actor,
        signal: parts.closing,
        // A notification needs no Temporal, so it is not even loaded for one.
        withTemporal: (work) => parts.rollouts.use(work),
      },
      id,
    ),
  );
}

export function setLabel(parts: DatabaseParts, label: string, request: LabelRequest): Promise<ChangedLabel> {
  return parts.write((db) => changeLabel(db, { ...request, label, assertedActor: parts.actor }));
}

/** A login to the database is held by its grants: it may do what a releaser may. */
export async function moveLabel(parts: DatabaseParts, request: MoveLabelRequest): Promise<MovedLabel> {
  const reference = (request.dryRun ? parseReference : parseVersionReference)(request.version);
  const scope = scopeUnder(reference.prompt, request);
  const { foreseenMove, moveLabel: move } = await import("../../use-cases/move-label.ts");
  const { planDirectMove } = await import("../../use-cases/plan-direct-move.ts");
  return parts.write(async (db) => {
    const version = hasVersion(reference) ? await requireVersion(db, reference) : undefined;
    const asked = { scope, versionId: version?.id, mayRelease: true, by: "an import" };
    const plan = await planDirectMove(db, asked);
    if (request.dryRun || !version) return foreseenMove(scope.label, plan);
    const { prompt, number } = version;
    const who = { by: parts.actor, starter: parts.actor, signal: parts.closing };
    return move(db, parts.rollouts, { scope, version: { prompt, number }, plan, ...who });
  });
}
