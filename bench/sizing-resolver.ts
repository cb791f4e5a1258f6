import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { median } from "simple-statistics";
import { startPostgres } from "../src/local/postgres/postgres.ts";
import { createRunFolder } from "../src/local/stack/run-folder.ts";
import { openDatabase } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrator.ts";
import { seedRepeater } from "../test/support/evaluation-scene.ts";
import { plain } from "./resolver-speed.ts";
import type { Row } from "./row.ts";

const ROOT = join(import.meta.dirname, "..");
const BUNDLER = pathToFileURL(join(ROOT, "scripts", "bundle-library.mjs")).href;
const RUNS = 5;
const GOAL_MB = 30;
const WORK = "memory of a service with the resolver on Postgres, more than bare Node";
const USERS = 20_000;
/** Resolves, renders and records for so many users, as the package is built. */
const USE = `
  const prompts = await (await import("LIBRARY")).createResolver({ source: "DATABASE", preload: ["repeater"] });
  for (let user = 0; user < USERS; user++) {
    const prompt = await prompts.resolve({ prompt: "repeater", unit: "user-" + user });
    prompt.render({ words: "hello" });
    prompts.record(prompt, { metrics: { rating: 5 } });
    if (user % 500 === 0) await prompts.flush();
  }
`;
/** What a service would write without Sluice: as many ratings of its users, in batches as large, by `pg`. */
const BY_HAND = `
  const { Client } = (await import("pg")).default;
  const client = new Client("DATABASE");
  await client.connect();
  await client.query("create temporary table ratings (id uuid, unit text, rating int, at timestamptz)");
  let rows = [];
  for (let user = 0; user < USERS; user++) {
    rows.push(JSON.stringify({ id: crypto.randomUUID(), unit: "user-" + user, rating: 5, at: new Date() }));
    if (user % 500 !== 0) continue;
    const batch = "[" + rows.join() + "]";
    await client.query("insert into ratings select * from json_populate_recordset(null::ratings, $1)", [batch]);
    rows = [];
  }
`;

/**
 * Resident memory of a service's process that uses the resolver on Postgres, more than that of a bare one: with 1,000
 * users, and with so many that what Node keeps for young objects has grown to its full size, as any program's does.
 */
export async function resolverRows(): Promise<Row[]> {
  mkdirSync(join(ROOT, ".sluice"), { recursive: true });
  // Inside the checkout, so that it finds the packages that it leaves outside.
  const folder = mkdtempSync(join(ROOT, ".sluice", "bench-library-"));
  const run = await createRunFolder(folder);
  const postgres = await startPostgres({ dataDir: join(run.path, "postgres"), durable: false });
  const db = openDatabase(postgres.url);
  try {
    await migrate(db);
    await seedRepeater({ db, prompt: "repeater", folder, starter: undefined as never });
    const { bundleLibrary } = (await import(BUNDLER)) as {
      bundleLibrary: (root: string, entries: Record<string, string>, folder: string) => Promise<unknown>;
    };
    await bundleLibrary(ROOT, { resolver: "src/resolver/index.ts" }, folder);
    const library = pathToFileURL(join(folder, "resolver.js")).href;
    const residentOf = (program: string, users: number) => {
      const code = program.replace("LIBRARY", library).replace("DATABASE", postgres.url);
      return median(Array.from({ length: RUNS }, () => residentMb(code.replace("USERS", String(users)))));
    };
    const bare = residentOf("", 0);
    const more = residentOf(USE, 1_000) - bare;
    const later = residentOf(USE, USERS) - bare;
    const byHand = residentOf(BY_HAND, USERS) - bare;
    return [
      { ...plain(`${WORK}, 1,000 users`, more, "MB", GOAL_MB), limit: bare, runs: RUNS },
      {
        ...plain(`${WORK}, 20,000 users`, later, "MB", null),
        peer: byHand,
        peerName: "pg alone, writing as much",
        ratio: later / byHand,
        limit: bare,
        runs: RUNS,
      },
    ];
  } finally {
    await db.destroy();
    await postgres.stop();
    run.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** After a collection, in which garbage is no part of it. */
function residentMb(code: string): number {
  const last = `gc(); gc(); process.stdout.write(String(process.memoryUsage.rss() / 2 ** 20)); process.exit(0);`;
  const args = ["--expose-gc", "--input-type=module", "--eval", `${code}\n${last}`];
  return Number(execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" }));
}
