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
/** Resolves, renders and records for 20,000 users, as the package is built. */
const USE = `
  const prompts = await (await import("LIBRARY")).createResolver({ source: "DATABASE", preload: ["repeater"] });
  for (let user = 0; user < 20_000; user++) {
    const prompt = await prompts.resolve({ prompt: "repeater", unit: "user-" + user });
    prompt.render({ words: "hello" });
    prompts.record(prompt, { metrics: { rating: 5 } });
    if (user % 500 === 0) await prompts.flush();
  }
`;

/** Resident memory of a service's process that uses the resolver on Postgres, more than that of a bare one. */
export async function resolverRow(): Promise<Row> {
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
    const using = USE.replace("LIBRARY", library).replace("DATABASE", postgres.url);
    const runs = Array.from({ length: RUNS }, () => ({ bare: residentMb(""), used: residentMb(using) }));
    const bare = median(runs.map((one) => one.bare));
    const more = median(runs.map((one) => one.used)) - bare;
    return {
      ...plain("memory of a service with the resolver on Postgres, more than bare Node", more, "MB", GOAL_MB),
      limit: bare,
      runs: RUNS,
    };
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
