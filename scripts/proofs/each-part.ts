import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { type ScopeColumns, scopeColumns } from "../../src/domain/scope.ts";
import { seededRandom } from "../../src/local/model-server/seeded-random.ts";
import { type Database, openDatabase } from "../../src/storage/database.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { newestAssessment } from "../../src/storage/read/rollout-evidence.ts";
import { findRollout } from "../../src/storage/read/rollout-row.ts";
import { transact } from "../../src/storage/transact.ts";
import { storeDocument } from "../../src/storage/write/store-document.ts";
import { rolloutTemporal } from "../../src/temporal/rollout-client.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import { pushRepeater, seedRepeater } from "../../test/support/evaluation-scene.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";
import { openParts, type Parts } from "./chaos/parts.ts";
import type { Restartable } from "./chaos/processes.ts";
import { servedBy } from "./chaos/run-schedule.ts";
import { startServices } from "./chaos/services.ts";

const ROUNDS = 20;
const QUERY_TIMEOUT_MS = 3_000;
/** How long after its first look a canary's part is killed, at most, in ms. */
const WITHIN_MS = 1_500;
/** So many that a rollout never runs out of them. */
const USERS = 1_000_000;
const POLICY = `
metrics: { rating: { window: 200ms } }
canary:
  stages: [{ share: 25%, for: 3s }, { share: 50% }]
  interval: 200ms
  min_units: 30
  max_units: 2000
  max_duration: 10m
  lease: 1m
  goal: { metric: rating, direction: higher, claim: non_inferior, margin: 0.5 }
`;
/** How a rollout ends that nothing happens to. */
const UNDISTURBED = "promoted: rollout_started, stage_opened, stage_opened, promoted";

/**
 * `kill -9` of every part in turn in the middle of a rollout, 20 rounds, and that part started again at once. Each
 * rollout ends as it does when nothing happens to it, with each of its moves in the audit log once; how long it takes
 * until it looks at its evidence again is said for each part, from the moment at which the part is back.
 */
export async function prove({ seed, minutes, first }: ProofOptions): Promise<Finding> {
  const deadline = performance.now() + minutes * 60_000;
  const random = seededRandom(seed);
  await using parts = await openParts({ replicas: 1 });
  const db = openDatabase(parts.proxy.url, { max: 4, queryTimeoutMs: QUERY_TIMEOUT_MS });
  const round = await openRounds(parts, db, random);
  const findings: Finding[] = [];
  try {
    const names = Object.keys(killable(parts));
    for (let number = 2; number < ROUNDS + 2; number++) {
      if (performance.now() > deadline) {
        findings.push(found("OPEN", `${number - 2} of ${ROUNDS} rounds in ${minutes} minutes`));
        break;
      }
      const name = names[number % names.length]!;
      const { end, resumedMs } = await round.play(number, killable(parts)[name]!, random() * WITHIN_MS);
      const isKept = end === UNDISTURBED;
      findings.push(
        found(
          isKept ? "holds" : "VIOLATED",
          `${name} killed: ${end}; the next look ${(resumedMs / 1_000).toFixed(1)} s after it was back`,
        ),
      );
      if (!isKept && first) break;
    }
  } finally {
    await round.close();
    await db.destroy();
  }
  return whole(findings);
}

function killable({ workers, servers, relay, postgres, temporal }: Parts): Record<string, Restartable> {
  return { worker: workers[0]!, Postgres: postgres, Temporal: temporal, server: servers[0]!, relay };
}

/** A prompt that is served over every door to users who all rate both versions alike. */
async function openRounds(parts: Parts, db: Database, random: () => number) {
  const prompt = "each-part";
  const starter = rolloutTemporal(parts.client);
  const scene = { db, starter, prompt, folder: parts.folder };
  await seedRepeater(scene);
  const scope = scopeColumns({ label: "production", prompt });
  const snapshots = join(parts.folder, "snapshots");
  await mkdir(snapshots);
  const serving = { services: servedBy(parts), scopes: [scope], folder: snapshots, random, users: USERS };
  const services = await startServices(serving);
  const body = readPolicyFile(POLICY, "each-part.yaml");
  const policySha256 = await transact(db, (transaction) =>
    storeDocument(transaction, { kind: "policy", name: prompt, body }),
  );
  return {
    async play(number: number, part: Restartable, afterMs: number) {
      await pushRepeater(scene, number);
      const start = { scope, prompt, number, policySha256, by: "proof" };
      const { rolloutId } = await startRollout(db, starter, start);
      await nextLook(db, rolloutId, 0);
      await delay(afterMs);
      part.kill();
      await part.restart();
      const back = performance.now();
      const before = await insistently(async () => (await newestAssessment(db, rolloutId))?.tick ?? 0);
      await nextLook(db, rolloutId, before);
      const resumedMs = performance.now() - back;
      return { end: await endOf(db, scope, rolloutId), resumedMs };
    },
    close: () => services.stop(),
  };
}

/** Waits for a look after this one, or for the end of the rollout. */
async function nextLook(db: Database, rolloutId: string, tick: number): Promise<void> {
  const isThere = async () =>
    ((await newestAssessment(db, rolloutId))?.tick ?? 0) > tick ||
    (await findRollout(db, rolloutId))?.outcome !== null;
  while (!(await insistently(isThere))) await delay(20);
}

async function endOf(db: Database, { prompt }: ScopeColumns, rolloutId: string): Promise<string> {
  for (;;) {
    const outcome = await insistently(async () => (await findRollout(db, rolloutId))?.outcome ?? null);
    if (outcome !== null) {
      const lines = await insistently(() => readAudit(db, { prompt, rolloutId }));
      return `${outcome}: ${lines.map(({ action }) => action).join(", ")}`;
    }
    await delay(50);
  }
}

/** Postgres may be on its way back. */
async function insistently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await ask();
    } catch {
      await delay(100);
    }
}
