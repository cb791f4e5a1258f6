import { sql } from "kysely";
import type { Ledger, LedgerEntry, LedgerStep } from "../../domain/rollout/ledger.ts";
import type { ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../database.ts";
import { findVersionById, versionName } from "./version.ts";

interface Step {
  readonly version_id: string;
  readonly baseline_id: string | null;
  readonly anchor: boolean;
  readonly metrics: Readonly<Record<string, LedgerStep>>;
}

/**
 * The losses between the version that a scope serves and its anchor, by walking back from what each promotion
 * was compared with. A version that was made active by hand has no step, so it is an anchor; what was rolled
 * back is on nobody's way.
 */
export async function ledgerOf(db: Database, scope: ScopeColumns, versionId: string): Promise<Ledger> {
  const { rows } = await sql<Step>`
    with recursive chain as (
      (select s.*, 1 as depth from sluice.ledger_steps s
       where s.prompt = ${scope.prompt} and s.label = ${scope.label} and s.model = ${scope.model}
         and s.tenant = ${scope.tenant} and s.version_id = ${versionId} order by s.id desc limit 1)
      union all
      select p.*, c.depth + 1 from chain c cross join lateral (
        select s.* from sluice.ledger_steps s
        where s.prompt = c.prompt and s.label = c.label and s.model = c.model and s.tenant = c.tenant
          and s.version_id = c.baseline_id and s.id < c.id order by s.id desc limit 1
      ) p where not c.anchor and c.depth < 1000
    )
    select version_id, baseline_id, anchor, metrics from chain order by depth`.execute(db);
  const metrics: Record<string, LedgerEntry> = {};
  const steps = rows.filter(({ anchor }) => !anchor);
  for (const step of steps)
    for (const [metric, { loss, se }] of Object.entries(step.metrics)) {
      const before = metrics[metric] ?? { spent: 0, steps: 0 };
      metrics[metric] = { spent: before.spent + loss + se, steps: before.steps + 1 };
    }
  if (steps.length === 0) return { anchor: null, anchorName: null, metrics };
  const anchor = rows.at(-1)!.anchor ? rows.at(-1)!.version_id : rows.at(-1)!.baseline_id!;
  const version = await findVersionById(db, anchor);
  return { anchor, anchorName: version ? versionName(version) : null, metrics };
}
