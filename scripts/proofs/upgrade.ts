import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readLocalMachine } from "../../src/config.ts";
import { freePort } from "../../src/local/processes/free-port.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { startTemporal } from "../../src/local/temporal/temporal.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { newestAssessment } from "../../src/storage/read/rollout-evidence.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { verifyAudit } from "../../src/storage/read/verify-audit.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";
import {
  commitBeforeNewestMigration,
  earlierRelease,
  presentRelease,
  type Release,
  reportsOf,
} from "./upgrade/earlier-release.ts";
import { repeaterFile } from "../../test/support/evaluation-scene.ts";

const PROMPT = "upgraded";
const HOST = "127.0.0.1";
const LOOKS = 5;
const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5%, for: 8s }, { share: 25%, for: 1h }, { share: 50% }]
  interval: 200ms
  min_units: 50
  max_units: 10000000
  max_duration: 14d
  lease: 30s
  goal: { metric: rating, direction: higher, claim: superior }
`;

/**
 * An upgrade in the middle of a canary, in the order that docs/reference/upgrading.md gives, from an earlier commit (the
 * newest one with fewer migrations, unless one is named): its worker, server and service go on while this release's
 * migrations run beside them, and after; then this release's worker takes the rollout over and brings it to its end.
 */
export async function prove({ minutes, words }: ProofOptions): Promise<Finding> {
  const commit = words[0] ?? commitBeforeNewestMigration();
  if (commit === undefined) return found("OPEN", "no earlier commit has fewer migrations: name one");
  const deadline = performance.now() + minutes * 60_000;
  const run = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const files = await mkdtemp(join(tmpdir(), "sluice-upgrade-"));
  const postgres = await startPostgres({ dataDir: join(run.path, "postgres"), durable: false });
  const temporal = await startTemporal({
    machine: readLocalMachine(),
    dataDir: join(run.path, "temporal"),
    inMemory: true,
  });
  const before = earlierRelease(commit);
  const now = presentRelease();
  const children: ChildProcess[] = [];
  const findings: Finding[] = [];
  const say = (isKept: boolean, line: string) =>
    void findings.push(found(isKept ? "holds" : "VIOLATED", line));
  const db = openDatabase(postgres.url, { max: 4 });
  const until = async (what: string, look: () => Promise<boolean> | boolean) => {
    while (!(await look())) {
      if (performance.now() > deadline) throw new Error(`not seen in ${minutes} minutes: ${what}`);
      await delay(50);
    }
  };
  try {
    const environment = {
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
      SLUICE_ACTOR: "proof",
    };
    const migrated = before.command(["migrate"], environment);
    found("holds", `migrated by ${before.name}: ${JSON.stringify(migrated).slice(0, 80)}`);
    const rolloutId = await begin(before, files, environment, async () => {
      const worker = await before.worker(environment);
      children.push(worker);
    });
    const oldWorker = children[0]!;
    const service = before.service({ ...environment, PROMPT });
    children.push(service);
    const reports = reportsOf(service);
    const listen = `${HOST}:${await freePort()}`;
    const server = await before.server(listen, environment);
    children.push(server);
    const { key } = before.command(
      ["keys", "create", "--name", "proof", "--role", "viewer"],
      environment,
    ) as {
      key: string;
    };
    const ask = async (path: string) =>
      (await fetch(`http://${listen}${path}`, { headers: { authorization: `Bearer ${key}` } })).status;
    await until("the canary", async () => (await tick(db, rolloutId)) > 2);
    const asked = [await ask("/v1/prompts"), await ask("/readyz")];

    const applied = now.command(["migrate"], environment) as { applied: string[]; functions: string[] };
    const tickThen = await tick(db, rolloutId);
    const renderedThen = reports.newest?.rendered ?? 0;
    found(
      "holds",
      `then by ${now.name}, beside them: ${applied.applied.join(", ") || "no table"}; functions: ${applied.functions.join(", ") || "none"}`,
    );
    await until("looks of the old worker", async () => (await tick(db, rolloutId)) >= tickThen + LOOKS);
    await until("a stage that the old worker opens", async () => (await stage(db, rolloutId)) === 2);
    say(true, `the worker of ${before.name} goes on: ${LOOKS} looks and the next stage`);
    await until("renderings", () => (reports.newest?.rendered ?? 0) > renderedThen + 500);
    const { source, warnings } = reports.newest!;
    say(
      source === "memory" && Object.keys(warnings).length === 0,
      `its service goes on: ${reports.newest!.rendered} renderings, from ${source}, warned of ${JSON.stringify(warnings)}`,
    );
    const units = await unitsOf(db, rolloutId);
    await until("units of the old service", async () => (await unitsOf(db, rolloutId)) > units);
    const askedNow = [await ask("/v1/prompts"), await ask("/readyz")];
    say(
      asked.join() === "200,200" && askedNow.join() === "200,503",
      `its server answers on (${askedNow[0]}), and says that it is to be replaced (readyz ${askedNow[1]})`,
    );
    say(
      /newer|with the newer/.test(await refusal(() => before.worker(environment))),
      "a worker of it that starts now is refused",
    );
    say(
      /newer/.test(
        await refusal(async () =>
          before.command(["labels", "protect", "staging", "--reason", "x"], environment),
        ),
      ),
      "and so is its command that writes",
    );

    const worker = await now.worker(environment);
    children.push(worker);
    oldWorker.kill("SIGTERM");
    await once(oldWorker, "exit");
    const last = await tick(db, rolloutId);
    await until("looks of the new worker", async () => (await tick(db, rolloutId)) >= last + LOOKS);
    now.command(["rollout", "promote", PROMPT], environment);
    await until("the end", async () => (await findRollout(db, rolloutId))?.outcome !== null);
    const end = await findRollout(db, rolloutId);
    say(
      end?.outcome === "promoted",
      `${now.name}'s worker takes it over and brings it to its end: ${end?.outcome}`,
    );
    const { ok, entries } = await verifyAudit(db);
    say(ok, `all ${entries} entries of the audit log verify`);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await db.destroy();
    before.remove();
    now.remove();
    await temporal.stop();
    await postgres.stop();
    run.remove();
    await rm(files, { recursive: true, force: true });
  }
  return whole(findings);
}

/** Version 1 live, and a rollout of version 2, all by the earlier release's own commands. */
async function begin(
  release: Release,
  folder: string,
  environment: Readonly<Record<string, string>>,
  startWorker: () => Promise<void>,
): Promise<string> {
  const file = join(folder, "prompt.yaml");
  const policy = join(folder, "upgrade.rollout.yaml");
  await writeFile(policy, POLICY);
  for (const number of [1, 2]) {
    await writeFile(file, repeaterFile(PROMPT, number));
    release.command(["push", file, "-m", `version ${number}`], environment);
    if (number === 1)
      release.command(
        ["pointers", "set", `${PROMPT}@1`, "--expected-revision", "0", "--reason", "first", "--force"],
        environment,
      );
  }
  await startWorker();
  const started = release.command(["rollout", "start", `${PROMPT}@2`, "--policy", policy], environment);
  return (started as { rolloutId: string }).rolloutId;
}

async function tick(db: Database, rolloutId: string): Promise<number> {
  return (await newestAssessment(db, rolloutId))?.tick ?? 0;
}

async function stage(db: Database, rolloutId: string): Promise<number> {
  return (await findRollout(db, rolloutId))?.stage ?? 0;
}

async function unitsOf(db: Database, rolloutId: string): Promise<number> {
  const { units } = await db
    .selectFrom("exposure_counts")
    .where("rollout_id", "=", rolloutId)
    .select((select) => select.fn.sum<number>("units").as("units"))
    .executeTakeFirstOrThrow();
  return Number(units);
}

async function refusal(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return "";
  } catch (error) {
    const { message, stderr, stdout } = error as { message: string; stderr?: string; stdout?: string };
    return [message, stderr, stdout].join("\n");
  }
}
