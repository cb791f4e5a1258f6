import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { transact } from "../../src/storage/transact.ts";
import { pushVersion } from "../../src/storage/write/push-version.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { type CallerProcess, PROMPT, startCaller } from "../../test/invoke/support/caller.ts";
import { supportPrompt } from "../../test/invoke/support/calling.ts";

const ROUNDS = 3;
/** The one finds out by itself within a second; the other one would take ten. */
const BUSY_MS = 50;
const QUIET_MS = 1_000;
/** Within it all have to know. */
const SHARED_MS = 3_000;
const PROBE_MS = 1_000;
const AWAY_MS = 8_000;

/**
 * An endpoint dies under two processes that share a store: the second one has stopped asking within 3 s after the first
 * one has. When it is back, one call of all finds out.
 */
export async function prove(): Promise<boolean> {
  const folder = await createRunFolder(join(tmpdir(), "sluice-proofs"));
  const server = await startPostgres({ dataDir: join(folder.path, "postgres") });
  try {
    await seed(server.url);
    let holds = true;
    for (let round = 1; round <= ROUNDS; round++) holds = (await roundOf(server.url, round)) && holds;
    return holds;
  } finally {
    await server.stop();
    folder.remove();
  }
}

async function seed(url: string): Promise<void> {
  const db = openDatabase(url);
  await migrate(db);
  const artifact = supportPrompt();
  await transact(db, (transaction) =>
    pushVersion(transaction, {
      prompt: PROMPT,
      description: "",
      tags: [],
      artifact,
      author: "proof",
      message: "",
      tokenCount: 1,
      policySha256: null,
    }),
  );
  await setPointerByHand(db, {
    scope: { label: "production", prompt: PROMPT, model: "", tenant: "" },
    version: { prompt: PROMPT, number: 1 },
    expectedRevision: 0,
    reason: "proof",
    force: true,
    by: null,
  });
  await db.destroy();
}

interface Ended {
  readonly said: string;
  readonly at: number;
}

async function roundOf(storeUrl: string, round: number): Promise<boolean> {
  let model = await startModelServer();
  const [busy, quiet] = await Promise.all([0, 1].map(() => startCaller(storeUrl, model.url)));
  try {
    await Promise.all([busy!.call(), quiet!.call()]);
    await model.stop();
    const stop = Date.now() + AWAY_MS;
    const [ofBusy, ofQuiet] = await Promise.all([
      repeated(busy!, BUSY_MS, stop),
      repeated(quiet!, QUIET_MS, stop),
    ]);
    const openedAt = ofBusy.find(({ said }) => said === "circuit_open")?.at ?? Infinity;
    const lastAsked = ofQuiet.findLast(({ said }) => said === "connection")?.at ?? -Infinity;
    const heldBack = ofQuiet.some(({ said }) => said === "circuit_open");
    const late = Math.max(0, lastAsked - openedAt);
    model = await startModelServer({ port: model.port, latencyMs: PROBE_MS });
    await Promise.all([busy!, quiet!].map(untilAnswered));
    const [probe, ...others] = model.requests().map(({ at, ms }) => ({ from: Date.parse(at) - ms, ms }));
    const beside = others.filter(({ from }) => from < probe!.from + probe!.ms / 2).length;
    console.log(
      `round ${round}: the second process asked for another ${late} ms; beside the one that tried, ${beside} asked when it was back`,
    );
    return heldBack && late <= SHARED_MS && beside === 0;
  } finally {
    await Promise.all([busy!.kill(), quiet!.kill()]);
    await model.stop();
  }
}

async function repeated(caller: CallerProcess, everyMs: number, until: number): Promise<Ended[]> {
  const ends: Ended[] = [];
  while (Date.now() < until) {
    ends.push(await caller.call());
    await delay(everyMs);
  }
  return ends;
}

async function untilAnswered(caller: CallerProcess): Promise<void> {
  while ((await caller.call()).said !== "ok") await delay(BUSY_MS);
}
