import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Artifact } from "../../../src/domain/prompt/artifact.ts";
import { scopeColumns, type Scope } from "../../../src/domain/scope.ts";
import { digestJson } from "../../../src/digest.ts";
import { createTestDatabase } from "../../support/database.ts";

export interface PointerColumns {
  readonly active_version?: string | null;
  readonly previous_version?: string | null;
  readonly candidate_version?: string | null;
  readonly mode?: "canary" | "holdback" | null;
  readonly share?: number;
  readonly salt?: string;
  readonly epoch?: number;
  readonly rollout_id?: string | null;
  readonly lease_until?: Date | null;
}

/** A migrated database of the test's own, written to with SQL as Sluice writes to it. */
export async function openStore() {
  const database = await createTestDatabase();
  // Pointers are moved here without the audit entry that a move needs: triggers are off.
  const options = "-c session_replication_role=replica";
  const pool = new pg.Pool({ connectionString: database.url, max: 2, options });
  pool.on("error", () => undefined);
  const query = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;
  return {
    url: database.url,
    query,

    async addVersion(prompt: string, artifact: Artifact, sha256 = digestJson(artifact)): Promise<string> {
      await query("insert into sluice.prompts (name) values ($1) on conflict do nothing", [prompt]);
      const [row] = await query(
        `insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
         select $1, 1 + count(*), (1 + count(*)) || '.0.0', $2, $3, $4, 'test', 1 from sluice.versions where prompt = $1 returning id`,
        [prompt, sha256, JSON.stringify(artifact), artifact.model],
      );
      return row.id as string;
    },

    /** A rollout of this candidate that is on, with one epoch and one metric, `rating`. */
    async addRollout(prompt: string, candidate: string, baseline: string, epoch = 1): Promise<string> {
      const id = randomUUID();
      const sha = digestJson({ prompt, id });
      await query(
        "insert into sluice.documents (sha256, kind, name, body) values ($1, 'policy', 'p', '{}')",
        [sha],
      );
      await query(
        `insert into sluice.rollouts (id, workflow_id, request_id, label, prompt, tenant, candidate_version,
           baseline_version, policy_sha256, policy, decision_version, salt, phase)
         values ($1, $2, 'r', 'production', $3, $2, $4, $5, $6, '{}', '3', 'salt', 'canary')`,
        [id, id, prompt, candidate, baseline, sha],
      );
      await query(
        "insert into sluice.rollout_epochs (rollout_id, epoch, stage, mode, share) values ($1, $2, 1, 'canary', 500)",
        [id, epoch],
      );
      await query(
        "insert into sluice.rollout_metrics (rollout_id, metric, kind, window_ms) values ($1, 'rating', 'mean', 60000)",
        [id],
      );
      return id;
    },

    /** One transaction, as a move is: the row, its revision raised, and the notification (unless `quiet`). */
    async movePointer(scope: Scope, change: PointerColumns, quiet = false): Promise<number> {
      const key = scopeColumns(scope);
      const columns = Object.keys(change);
      const values = [key.label, key.prompt, key.model, key.tenant, ...Object.values(change)];
      const names = columns.map((name) => `, ${name}`).join("");
      const places = columns.map((_, i) => `, $${i + 5}`).join("");
      const sets = columns.map((name, i) => `${name} = $${i + 5}`).join(", ");
      const notify = quiet
        ? "select revision from moved"
        : `select revision, pg_notify('sluice_pointers', json_build_object('label', label, 'prompt', prompt,
             'model', model, 'tenant', tenant, 'revision', revision)::text) from moved`;
      const [row] = await query(
        `with moved as (
           insert into sluice.pointers (label, prompt, model, tenant${names}) values ($1, $2, $3, $4${places})
           on conflict (label, prompt, model, tenant)
             do update set ${sets}, revision = pointers.revision + 1, updated_at = now()
           returning *
         ) ${notify}`,
        values,
      );
      return Number(row.revision);
    },

    async setLease(scope: Scope, leaseMs: number): Promise<void> {
      const { label, prompt, model, tenant } = scopeColumns(scope);
      await query(
        `update sluice.pointers set lease_until = clock_timestamp() + $5 * interval '1 millisecond'
         where label = $1 and prompt = $2 and model = $3 and tenant = $4`,
        [label, prompt, model, tenant, leaseMs],
      );
    },

    async close(): Promise<void> {
      await pool.end();
      await database.drop();
    },
  };
}

export type Store = Awaited<ReturnType<typeof openStore>>;
