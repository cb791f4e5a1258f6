import { invalidInput } from "../../domain/errors.ts";
import { roleMay } from "../../domain/access/permissions.ts";
import { type DirectMovePlan, planDirectMove } from "../../use-cases/plan-direct-move.ts";
import { moveLabel } from "../../use-cases/move-label.ts";
import { assertPlace, assertRole } from "../auth/authorise.ts";
import type { Parts } from "../parts.ts";
import type { AllowedRequest, Caller } from "../route.ts";
import { placeOfScope, scopeOf } from "../scope-of.ts";
import { LATEST } from "./asked-label.ts";

export interface PlannedLabel {
  readonly label: string;
  readonly plan: DirectMovePlan;
}

/** What becomes of each label; a label that may not be moved refuses all of them, before anything is written. */
export async function planLabels(
  { db }: Parts,
  caller: Caller,
  prompt: string,
  labels: readonly string[],
  versionId: string | undefined,
): Promise<PlannedLabel[]> {
  const planned: PlannedLabel[] = [];
  for (const label of new Set(labels)) {
    if (label === LATEST)
      throw invalidInput(`"${LATEST}" is the newest version by itself; leave it out`, { label });
    assertRole(caller, "release");
    assertPlace(caller, placeOfScope({ prompt, label }));
    const mayRelease = roleMay(caller.key.role, "release_protected");
    planned.push({
      label,
      plan: await planDirectMove(db, {
        scope: scopeOf({ prompt, label }),
        versionId,
        mayRelease,
        by: "a Langfuse client",
      }),
    });
  }
  return planned;
}

/** Does what was planned. Gives the rollouts that were started, or that are on already. */
export async function moveLabels(
  {
    caller,
    parts,
    operationId,
    signal,
  }: Pick<AllowedRequest<undefined, undefined, undefined>, "caller" | "parts" | "operationId" | "signal">,
  version: { readonly prompt: string; readonly number: number },
  planned: readonly PlannedLabel[],
): Promise<string[]> {
  const rollouts: string[] = [];
  const { prompt, number } = version;
  for (const { label, plan } of planned) {
    const { rolloutId } = await moveLabel(caller.acting(), parts.rollouts, {
      scope: scopeOf({ prompt, label }),
      version: { prompt, number },
      plan,
      operationId: `${operationId}/${label}`,
      by: null,
      starter: caller.key.owner,
      signal,
    });
    if (rolloutId !== null) rollouts.push(rolloutId);
  }
  return rollouts;
}
