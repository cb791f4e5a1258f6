/** How soon a moved pointer is served, and what a large store costs, on a Postgres of the bench's own. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { digestJson } from "../src/digest.ts";
import type { Artifact } from "../src/domain/prompt/artifact.ts";
import { startPostgres } from "../src/local/postgres/postgres.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";
import { createResolver, type Resolver } from "../src/resolver/index.ts";
import { scopeColumns } from "../src/domain/scope.ts";
import { listFleet } from "../src/storage/read/fleet.ts";
import { awaitFleet } from "../src/use-cases/await-fleet.ts";
import { openDatabase } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrator.ts";
import type { BenchOptions, Row } from "./row.ts";
import { faultRows } from "./resolver-faults.ts";
import { plain } from "./resolver-speed.ts";
import { median, quantile } from "simple-statistics";

export const PROMPT = "support-reply";
const RESOLVERS = 50;
const PAUSE_MS = 100;

/** A store with one prompt of two versions, the first one live. */
export interface Store {
  readonly url: string;
  readonly pid: number;
  readonly versions: readonly [string, string];
  /** Serves another version; settles when the move is committed. */
  move(version: string): Promise<void>;
  query(text: string, values?: unknown[]): Promise<void>;
}

export async function storeRows(options: BenchOptions): Promise<Row[]> {
  const run = await createRunFolder(join(tmpdir(), "sluice-benches"));
  options.progress("starting a Postgres");
  const postgres = await startPostgres({ dataDir: join(run.path, "postgres"), durable: false });
  const database = openDatabase(postgres.url, { max: 1 });
  await migrate(database);
  await database.destroy();
  // Pointers are moved here without the audit entry that a move needs: triggers are off.
  const triggersOff = "-c session_replication_role=replica";
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2, options: triggersOff });
  pool.on("error", () => undefined);
  try {
    const store = await fill(postgres.url, postgres.pid, pool);
    const rows = await moveRows(store, options);
    rows.push(await startRow(store, options));
    rows.push(...(await faultRows(store, options)));
    return rows;
  } finally {
    await pool.end();
    await postgres.stop();
    run.remove();
  }
}

async function fill(url: string, pid: number, pool: pg.Pool): Promise<Store> {
  const query = async (text: string, values: unknown[] = []) => {
    await pool.query(text, values);
  };
  await query("insert into sluice.prompts (name) values ($1)", [PROMPT]);
  const add = async (number: number): Promise<string> => {
    const artifact: Artifact = {
      syntax: "mustache",
      model: "openai/gpt-5.4-mini",
      params: {},
      variables: { question: { type: "string" } },
      messages: [{ role: "user", content: `${"Answer briefly. ".repeat(120)}${number} {{question}}` }],
    };
    const { rows } = await pool.query<{ id: string }>(
      `insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
       values ($1, $2, $2::integer || '.0.0', $3, $4, $5, 'bench', 1) returning id`,
      [PROMPT, number, digestJson(artifact), JSON.stringify(artifact), artifact.model],
    );
    return rows[0]!.id;
  };
  const versions = [await add(1), await add(2)] as const;
  await query("insert into sluice.pointers (label, prompt, active_version) values ('production', $1, $2)", [
    PROMPT,
    versions[0],
  ]);
  return {
    url,
    pid,
    versions,
    query,
    // As Sluice moves a pointer: the row and the notification in one transaction.
    move: (version) =>
      query(
        `with moved as (
           update sluice.pointers
           set previous_version = active_version, active_version = $2, revision = revision + 1
           where label = 'production' and prompt = $1 and tenant = '' and model = '' returning *
         ) select pg_notify('sluice_pointers', json_build_object('label', label, 'prompt', prompt,
             'model', model, 'tenant', tenant, 'revision', revision)::text) from moved`,
        [PROMPT, version],
      ),
  };
}

async function moveRows(store: Store, { minutes, progress }: BenchOptions): Promise<Row[]> {
  const times = Math.max(100, Math.min(500, Math.round(minutes * 100)));
  progress(`moving a pointer ${times} times under one resolver, then under ${RESOLVERS}`);
  const one = await measureMoves(store, 1, times);
  const fifty = await measureMoves(store, RESOLVERS, times);
  progress(`and under ${RESOLVERS} connections that only listen and read one row`);
  const bare = quantile(await measureBareMoves(store, RESOLVERS, times), 0.99);
  const confirmed = await measureConfirmations(store, 20);
  return [
    {
      ...plain("a moved pointer is served, from command to resolver, median", median(one), "ms", null),
      runs: times,
    },
    { ...plain("the same, 99 of 100", quantile(one, 0.99), "ms", 10), runs: times },
    besideBare(quantile(fifty, 0.99), bare, times),
    {
      ...plain(
        `until the last of ${RESOLVERS} has confirmed it, median of 20`,
        median(confirmed),
        "ms",
        1_000,
      ),
      runs: confirmed.length,
    },
  ];
}

/**
 * 25 ms, or on a machine on which the bare connections need most of that, twice what they take:
 * with fifty processes to be woken on few processors it is the machine that decides.
 */
function besideBare(ours: number, bare: number, runs: number): Row {
  const goal = Math.max(25, bare * 2);
  return {
    ...plain(`by the last of ${RESOLVERS}, 99 of 100`, ours, "ms", goal),
    peer: bare,
    peerName: "bare listeners",
    ratio: ours / bare,
    runs,
  };
}

/** Milliseconds from sending the move until the last resolver serves it. */
async function measureMoves(store: Store, count: number, times: number): Promise<number[]> {
  const resolvers = await Promise.all(Array.from({ length: count }, () => open(store.url)));
  const took = await timeMoves(store, times, (version) => until(resolvers, version));
  await store.move(store.versions[0]);
  await until(resolvers, store.versions[0]);
  await Promise.all(resolvers.map((resolver) => resolver.close()));
  return took;
}

/** The same until the last of so many plain connections, which do nothing else, has read the pointer's row. */
async function measureBareMoves(store: Store, count: number, times: number): Promise<number[]> {
  const read = "select active_version from sluice.pointers where label = 'production' and prompt = $1";
  const row = { name: "read", text: `${read} and tenant = '' and model = ''`, values: [PROMPT] };
  const clients = Array.from({ length: count }, () => new pg.Client({ connectionString: store.url }));
  let heard: (version: string) => void = () => undefined;
  for (const client of clients) {
    await client.connect();
    client.on("notification", () => {
      void client.query<{ active_version: string }>(row).then(({ rows }) => heard(rows[0]!.active_version));
    });
    await client.query("listen sluice_pointers");
  }
  const took = await timeMoves(store, times, (version) => {
    let waiting = count;
    return new Promise((resolve) => {
      heard = (found) => {
        if (found === version && --waiting === 0) resolve();
      };
    });
  });
  await Promise.all(clients.map((client) => client.end()));
  return took;
}

async function timeMoves(
  store: Store,
  times: number,
  isServed: (version: string) => Promise<void>,
): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < times + 5; i++) {
    const version = store.versions[(i + 1) % 2]!;
    const startedAt = performance.now();
    const served = isServed(version);
    await store.move(version);
    await served;
    // The first few find their way into caches.
    if (i >= 5) took.push(performance.now() - startedAt);
    // Moves are rare: what the last one left to be done (each resolver says what it serves) is not the next one's.
    await delay(PAUSE_MS);
  }
  return took;
}

/** Milliseconds until the store has heard from every resolver that it serves the move, as a rollback waits. */
async function measureConfirmations(store: Store, times: number): Promise<number[]> {
  const database = openDatabase(store.url, { max: 1 });
  const resolvers = await Promise.all(Array.from({ length: RESOLVERS }, () => open(store.url)));
  const scope = scopeColumns({ label: "production", prompt: PROMPT });
  while ((await listFleet(database, scope)).length < RESOLVERS) await delay(50);
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const since = performance.now();
    await store.move(store.versions[(i + 1) % 2]!);
    const { revision } = await database
      .selectFrom("pointers")
      .select("revision")
      .where((where) => where.and({ ...scope }))
      .executeTakeFirstOrThrow();
    const { confirmed, ms } = await awaitFleet(database, { scope, revision, withinMs: 5_000, since });
    if (confirmed !== RESOLVERS)
      throw new Error(`only ${confirmed} of ${RESOLVERS} resolvers confirmed a move`);
    took.push(ms);
    await delay(PAUSE_MS);
  }
  await Promise.all(resolvers.map((resolver) => resolver.close()));
  await database.destroy();
  return took;
}

export function open(url: string): Promise<Resolver> {
  return createResolver({ source: url, preload: [PROMPT], onWarning: () => undefined });
}

/** Looks a thousand times a second: to look more often would take the processor from what is measured. */
async function until(resolvers: readonly Resolver[], version: string): Promise<void> {
  const startedAt = performance.now();
  let waiting = [...resolvers];
  for (;;) {
    waiting = waiting.filter((resolver) => resolver.resolveSync({ prompt: PROMPT }).versionId !== version);
    if (waiting.length === 0) return;
    if (performance.now() - startedAt > 10_000) throw new Error("a move was not served within 10 s");
    await delay(1);
  }
}

/** With as many pointers in the store as ten thousand tenants of ten prompts have. */
async function startRow(store: Store, { progress }: BenchOptions): Promise<Row> {
  const preload = Array.from({ length: 10 }, (_, i) => ({ prompt: PROMPT, tenant: `tenant-${i}` }));
  const start = async (): Promise<number> => {
    const took: number[] = [];
    for (let i = 0; i < 11; i++) {
      const startedAt = performance.now();
      const resolver = await createResolver({ source: store.url, preload });
      took.push(performance.now() - startedAt);
      await resolver.close();
    }
    return median(took);
  };
  const small = await start();
  progress("adding 100,000 pointers");
  await store.query(
    `insert into sluice.pointers (label, prompt, tenant, active_version)
     select 'production', $1, 'tenant-' || i, $2 from generate_series(0, 99999) i`,
    [PROMPT, store.versions[0]],
  );
  await store.query("analyze sluice.pointers");
  await delay(100);
  const large = await start();
  return {
    ...plain("start that needs ten of 100,000 pointers", large, "ms", small * 1.5),
    peer: small,
    peerName: "of 10 pointers",
    ratio: large / small,
  };
}
