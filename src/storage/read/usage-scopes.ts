import { sql } from "kysely";
import type { UsedBy } from "../../domain/shapes/usage.ts";
import type { Database } from "../database.ts";
import type { UsageQuery } from "./usage.ts";

/** Among more nobody chooses from a list. */
const MOST_NAMES = 100;

/** For which tenants and with which models a prompt was used under a label, those that used it most first. */
export async function readUsedBy(
  db: Database,
  { scope, since }: Pick<UsageQuery, "scope" | "since">,
): Promise<UsedBy> {
  const { rows } = await sql<{ tenant: string; model: string; n: number }>`
    select u.tenant, u.model, sum(u.n)::float8 as n
    from sluice.usage u join sluice.versions v on v.id = u.version_id
    where v.prompt = ${scope.prompt} and u.label = ${scope.label} and u.hour >= ${since} and u.metric = ''
    group by u.tenant, u.model order by 3 desc, 1, 2`.execute(db);
  const names = (of: "tenant" | "model") => {
    const all = rows.map((row) => row[of]).filter((name) => name !== "");
    return [...new Set(all)].slice(0, MOST_NAMES);
  };
  return { tenants: names("tenant"), models: names("model") };
}
