import { conflict, notFound, type SluiceError } from "../errors.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../scope.ts";
import type { Outcome } from "./rollout.ts";

/** Nobody has ever rolled anything out in this scope. */
export function noRolloutYet(scope: ScopeColumns): SluiceError {
  return notFound(
    `there has been no rollout for ${describeScope(columnsScope(scope))}; start one: sluice rollout start ${scope.prompt}@N`,
  );
}

/** Of this version nothing was ever rolled out there. */
export function noRolloutOfVersion(
  scope: ScopeColumns,
  { prompt, number }: { readonly prompt: string; readonly number: number },
): SluiceError {
  return notFound(
    `there was no rollout of ${prompt}@${number} for ${describeScope(columnsScope(scope))}; see: sluice rollout list ${prompt}`,
    { prompt, version: number },
  );
}

type Ended = { readonly outcome: Outcome | null; readonly reason: string | null };

/** A decision is about the rollout that waits for it, and none does. */
export function nothingToDecide(scope: ScopeColumns, last: Ended | undefined): SluiceError {
  return conflict(
    `no rollout is running for ${describeScope(columnsScope(scope))}${last ? `; the last one ended: ${last.outcome} (${last.reason})` : ""}`,
  );
}

/** What is asked of a running rollout cannot be asked of one that has ended. */
export function noneRunning(
  scope: ScopeColumns,
  last: (Ended & { readonly id: string }) | undefined,
): SluiceError {
  const where = describeScope(columnsScope(scope));
  return notFound(
    last
      ? `no rollout is running for ${where}; the last one ended: ${last.outcome ?? "unknown"} (${last.reason ?? "no reason kept"})`
      : `no rollout is running for ${where}; start one: sluice rollout start ${scope.prompt}@N`,
    { lastRolloutId: last?.id ?? null },
  );
}

/**
 * A rollout is named by its prompt. Where a version is written as well (`support-reply@7`), it has to be the one
 * that is rolled out: an operator who means another would end the wrong rollout, or be shown it.
 */
export function otherVersion({
  prompt,
  number,
}: {
  readonly prompt: string;
  readonly number: number;
}): SluiceError {
  return conflict(
    `the rollout of ${prompt} is not of ${prompt}@${number}; see: sluice rollout list ${prompt}`,
    { prompt, version: number },
  );
}
