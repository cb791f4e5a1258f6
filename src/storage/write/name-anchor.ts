import { conflict } from "../../domain/errors.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Transaction } from "../database.ts";
import { appendAudit } from "./append-audit.ts";

/**
 * Makes the version that a scope serves its anchor: what was lost before it does not count against later ones.
 * `conflict` when another one is served.
 */
export async function nameAnchor(
  transaction: Transaction,
  name: {
    readonly scope: ScopeColumns;
    readonly versionId: string;
    readonly reason: string;
    readonly by: string | null;
  },
): Promise<void> {
  const served = await transaction
    .selectFrom("pointers")
    .select(["active_version", "revision"])
    .where((where) => where.and({ ...name.scope }))
    .forUpdate()
    .executeTakeFirst();
  if (served?.active_version !== name.versionId)
    throw conflict("only the version that the scope serves can be its anchor: see sluice pointers", {
      served: served?.active_version ?? null,
    });
  await transaction
    .insertInto("ledger_steps")
    .values({ ...name.scope, version_id: name.versionId, baseline_id: null, rollout_id: null, anchor: true })
    .execute();
  await appendAudit(transaction, {
    prompt: name.scope.prompt,
    action: "anchor_named",
    scope: name.scope,
    toVersion: name.versionId,
    revision: served.revision,
    reason: name.reason,
    assertedActor: name.by,
  });
}
