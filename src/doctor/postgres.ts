import type { Check } from "../domain/shapes/examination.ts";
import { messageOf } from "../domain/errors.ts";
import { span } from "../domain/plain/amounts.ts";
import type { Database } from "../storage/database.ts";
import { hearsItself } from "../storage/hears-itself.ts";
import { assertMigrated } from "../storage/migrator.ts";
import { reservedConnections } from "../storage/read/reserved-connections.ts";
import { serverFacts, type ServerFacts } from "../storage/read/store-facts.ts";
import { storeError } from "../storage/store-error.ts";
import { checksOf } from "./check.ts";

const { ok, note, todo, down } = checksOf("postgres");
/** The oldest that is supported, as `server_version_num`. */
const OLDEST = 150_000;
const MOST_SKEW_MS = 5_000;

export interface PostgresPlace {
  readonly db: Database;
  readonly url: string;
  /** Where notifications are listened for, when that is another address. */
  readonly listenUrl: string | undefined;
}

/** How Postgres is; `isUsable`: there, and of this release, so that more can be asked of it. */
export async function examinePostgres(
  place: PostgresPlace,
): Promise<{ readonly checks: Check[]; readonly isUsable: boolean }> {
  const began = Date.now();
  let facts: ServerFacts;
  try {
    facts = await serverFacts(place.db);
  } catch (error) {
    return { checks: [down("reachable", messageOf(storeError(place.url, error)))], isUsable: false };
  }
  const halfWay = (began + Date.now()) / 2;
  const schema = await schemaOf(place.db);
  return {
    isUsable: schema.state === "ok",
    checks: [
      serverOf(facts),
      schema,
      clockOf(facts, halfWay),
      await listeningOf(place),
      await connectionsOf(place.db),
    ],
  };
}

function serverOf({ version, versionNumber, isReplica, login }: ServerFacts): Check {
  const said = `Postgres ${version}, as ${login}`;
  if (isReplica)
    return todo("server", `${said}: it is a replica and takes no writes`, "name the primary in DATABASE_URL");
  if (versionNumber >= OLDEST) return ok("server", said);
  return todo("server", `${said}: it is too old`, `move to Postgres ${OLDEST / 10_000} or newer`);
}

async function schemaOf(db: Database): Promise<Check> {
  try {
    await assertMigrated(db);
    return ok("schema", "migrated to this release");
  } catch (error) {
    return todo("schema", messageOf(error), "sluice migrate, with the newest Sluice that uses this database");
  }
}

function clockOf({ now }: ServerFacts, here: number): Check {
  const skew = Math.abs(now.getTime() - here);
  if (skew <= MOST_SKEW_MS) return ok("clock", "the database's clock and this machine's agree");
  return todo(
    "clock",
    `the database's clock and this machine's are ${span(skew)} apart`,
    "have both follow a time server: leases and stages go by the database's clock, sessions and tokens by a server's",
  );
}

async function listeningOf({ url, listenUrl = url }: PostgresPlace): Promise<Check> {
  const name = "notifications";
  const direct = "set DATABASE_LISTEN_URL to Postgres itself, or use the pooler's session mode";
  try {
    if (await hearsItself(listenUrl, url)) return ok(name, "a pointer that moves is told to whoever listens");
    return todo(name, "what is notified is not heard: a pooler in transaction mode is in between", direct);
  } catch (error) {
    return todo(name, `nobody can listen: ${messageOf(storeError(listenUrl, error))}`, direct);
  }
}

async function connectionsOf(db: Database): Promise<Check> {
  const { reserved, login, maxConnections } = await reservedConnections(db);
  if (reserved) return ok("connections", `${maxConnections} in all, and some are kept for ${login}`);
  return note(
    "connections",
    `when services have taken all ${maxConnections}, a rollback by ${login} gets none (docs/reference/operations.md, Connections)`,
  );
}
