import { invalidInput } from "../../domain/errors.ts";
import { assertPromptName } from "../../domain/names.ts";
import { MOST_POINTS, type RolloutCurve, USUAL_POINTS } from "../../domain/shapes/curve.ts";
import type { RolloutHistory } from "../../domain/shapes/rollout-record.ts";
import type { AuditVerification, Recomputed } from "../../domain/shapes/verification.ts";
import { namedRolloutId } from "../../storage/read/named-rollout.ts";
import { readRolloutHistory } from "../../storage/read/rollout-history.ts";
import { verifyAudit as verify } from "../../storage/read/verify-audit.ts";
import { requirePrompt } from "../../storage/read/version.ts";
import { readCurve } from "../../use-cases/read-curve.ts";
import { recomputeRollout } from "../../use-cases/recompute-rollout.ts";
import { namedRollout } from "../references.ts";
import type { CurveOptions, RolloutOf } from "../requests.ts";
import type { DatabaseParts } from "./database-parts.ts";

/** Every entry that there is is computed again, in one statement. */
const VERIFY_WITHIN_MS = 600_000;

export function rolloutRecord(parts: DatabaseParts, of: RolloutOf): Promise<RolloutHistory> {
  const named = namedRollout(of);
  return parts.read(async (db) => readRolloutHistory(db, await namedRolloutId(db, named)));
}

export function recompute(parts: DatabaseParts, of: RolloutOf): Promise<Recomputed> {
  const named = namedRollout(of);
  return parts.read(async (db) => recomputeRollout(db, await namedRolloutId(db, named)));
}

export function curve(
  parts: DatabaseParts,
  of: RolloutOf,
  { points = USUAL_POINTS, after }: CurveOptions = {},
): Promise<RolloutCurve> {
  const named = namedRollout(of);
  if (!Number.isInteger(points) || points < 1 || points > MOST_POINTS)
    throw invalidInput(`points: must be a whole number from 1 to ${MOST_POINTS}`, { points });
  return parts.read(async (db) =>
    readCurve(db, { rolloutId: await namedRolloutId(db, named), points, after }),
  );
}

export function verifyAudit(
  parts: DatabaseParts,
  { prompt: name }: { readonly prompt?: string | undefined } = {},
): Promise<AuditVerification> {
  const prompt = name === undefined ? undefined : assertPromptName(name);
  return parts.readWith({ queryTimeoutMs: VERIFY_WITHIN_MS }, async (db) => {
    if (prompt === undefined) return verify(db);
    await requirePrompt(db, prompt);
    return verify(db, { prompts: [prompt] });
  });
}
