import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { Database } from "../database.ts";
import { LIVE_MS } from "./fleet.ts";
import { promptSeenBy, seenBy } from "./seen-by.ts";

/** What the store is, and what it knows of those who use it. */
export interface StateOfStore {
  readonly version: string;
  /** The number of the newest migration. */
  readonly schema: number;
  /** Services that were heard of a moment ago. */
  readonly services: number;
  readonly canaries: number;
  /** Canaries whose lease is over. */
  readonly unattended: number;
}

/** Of canaries and services those that a key with these grants may know of. */
export async function stateOfStore(db: Database, seen: Grants): Promise<StateOfStore> {
  const ofPointer = sql`${seenBy(seen, "p")} and ${promptSeenBy(seen, "p.prompt")}`;
  const { rows } = await sql<StateOfStore>`
    select current_setting('server_version') as version,
      (select max(id) from sluice.migrations)::integer as schema,
      (select count(distinct i.id) from sluice.instances i join sluice.instance_serves p on p.instance_id = i.id
       where i.seen_at > clock_timestamp() - ${LIVE_MS} * interval '1 millisecond' and ${ofPointer})::integer
        as services,
      (select count(*) from sluice.pointers p where mode = 'canary' and ${ofPointer})::integer as canaries,
      (select count(*) from sluice.pointers p
       where mode = 'canary' and lease_until < clock_timestamp() and ${ofPointer})::integer as unattended`.execute(
    db,
  );
  return rows[0]!;
}
