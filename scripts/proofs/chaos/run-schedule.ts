import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import { readPolicyFile } from "../../../src/domain/policy/policy-file.ts";
import { scopeColumns, type ScopeColumns } from "../../../src/domain/scope.ts";
import { seededRandom } from "../../../src/local/model-server/seeded-random.ts";
import { type Database, openDatabase } from "../../../src/storage/database.ts";
import { transact } from "../../../src/storage/transact.ts";
import { storeDocument } from "../../../src/storage/write/store-document.ts";
import { controlRollout, rolloutTemporal } from "../../../src/temporal/rollout-client.ts";
import { findLatestRollout } from "../../../src/storage/read/rollout-row.ts";
import { setPointerByHand } from "../../../src/use-cases/set-pointer.ts";
import { pushRepeater } from "../../../test/support/evaluation-scene.ts";
import { checkHistory, type Violation } from "./check-history.ts";
import type { History } from "./history.ts";
import { heal, injectFaults } from "./inject-faults.ts";
import type { Desk } from "./asking.ts";
import { operate } from "./operators.ts";
import type { Parts } from "./parts.ts";
import { SCOPES, type Schedule } from "./plan-schedule.ts";
import { readHistory } from "./read-history.ts";
import { type ServedBy, startServices } from "./services.ts";

const VERSIONS = 3;
const QUERY_TIMEOUT_MS = 3_000;
/** All faults are undone: within this everything has to end. */
const QUIET_WITHIN_MS = 60_000;
/** One whose workflow nobody came to start is ended by a worker's sweep, which lets Temporal think twice. */
const SWEPT_WITHIN_MS = 330_000;

const CANARY = `
metrics: { rating: { window: 600ms } }
canary:
  stages: [{ share: 10%, for: 2s }, { share: 50%, for: 1s }]
  interval: 200ms
  min_units: 40
  max_units: 150
  max_duration: 25s
  lease: 3s
  goal: { metric: rating, direction: higher, claim: non_inferior, margin: 0.5 }
`;
const POLICIES = [
  CANARY,
  `watch: { for: 3s, holdback: 5% }\n${CANARY}`,
  `approval: { before: promote, timeout: 8s }\n${CANARY}`,
  `approval: { before: canary, timeout: 8s }\n${CANARY}`,
];

export interface Ran {
  readonly history: History;
  readonly violations: readonly Violation[];
}

/** One schedule, on a prompt of its own: faults and operators for half a minute, then quiet, then the reckoning. */
export async function runSchedule(parts: Parts, schedule: Schedule, prompt: string): Promise<Ran> {
  const { client, proxy } = parts;
  const since = new Date();
  const db = openDatabase(proxy.url, { max: 8, queryTimeoutMs: QUERY_TIMEOUT_MS });
  try {
    const desk = await openDesk(parts, db, prompt);
    const snapshots = join(parts.folder, `snapshots-${prompt}`);
    await mkdir(snapshots);
    const services = await startServices({
      services: servedBy(parts),
      scopes: desk.scopes,
      folder: snapshots,
      random: seededRandom(schedule.seed),
    });
    const over = new AbortController();
    const operators = schedule.operators.map((planned) => operate(desk, planned, over.signal));
    const faults = injectFaults({ parts, services, snapshots }, schedule.faults, async (fault) => {
      await Promise.all(fault.operators.map((planned) => operate(desk, planned, over.signal)));
    });
    const end = delay(schedule.lengthMs).then(() => over.abort());
    await Promise.allSettled([end, faults, ...operators]);
    const [freezes] = await Promise.all([faults, ...operators]);
    await heal(parts);
    const left = await endAll(desk);
    await services.stop();
    const history: History = {
      operations: desk.operations,
      readings: desk.readings,
      samples: services.samples,
      freezes,
      ...(await readHistory(db, client, prompt, since, services.taken)),
    };
    const violations = checkHistory(history);
    for (const scope of left)
      violations.push({
        rule: "everything ends, and shows nothing after it",
        what: `${scope} is not quiet ${QUIET_WITHIN_MS / 1000} s after the last fault`,
      });
    return { history, violations };
  } finally {
    await db.destroy();
  }
}

async function openDesk(parts: Parts, db: Database, prompt: string): Promise<Desk> {
  const scopes = Array.from({ length: SCOPES }, (_, index) =>
    scopeColumns({ label: "production", prompt, tenant: `tenant-${index}` }),
  );
  const starter = rolloutTemporal(parts.client);
  for (let number = 1; number <= VERSIONS; number++)
    await pushRepeater({ db, starter, prompt, folder: parts.folder }, number);
  for (const scope of scopes)
    await setPointerByHand(db, {
      scope,
      version: { prompt, number: 1 },
      expectedRevision: 0,
      reason: "first",
      force: true,
      by: "proof",
    });
  const policies: Desk["policies"][number][] = [];
  for (const [index, text] of POLICIES.entries()) {
    const body = readPolicyFile(text, `chaos-${index}.yaml`);
    const sha256 = await transact(db, (transaction) =>
      storeDocument(transaction, { kind: "policy", name: "chaos", body }),
    );
    policies.push({ sha256, document: parse(text) as Record<string, unknown> });
  }
  const { client, servers, key } = parts;
  const urls = servers.map(({ url }) => url);
  return {
    db,
    client,
    urls,
    key,
    scopes,
    prompt,
    versions: VERSIONS,
    policies,
    operations: [],
    readings: [],
  };
}

/** Over Postgres itself twice, over a server, and over a relay before one. */
export function servedBy({ proxy, servers, relay, key }: Parts): ServedBy[] {
  const over = (url: string) => url.replace("//", `//${key}@`);
  return [
    { door: "database", source: proxy.url },
    { door: "database", source: proxy.url },
    { door: "server", source: over(servers.at(-1)!.url) },
    { door: "relay", source: over(relay.url) },
  ];
}

/** Ends what still runs. Gives the scopes where something does all the same. */
async function endAll({ client, scopes, db }: Desk): Promise<string[]> {
  const began = performance.now();
  let neverStarted = false;
  let left = [...scopes];
  const within = () => (neverStarted ? SWEPT_WITHIN_MS : QUIET_WITHIN_MS);
  while (left.length > 0 && performance.now() - began < within()) {
    neverStarted = false;
    const still: ScopeColumns[] = [];
    for (const scope of left) if (!(await isQuiet(scope))) still.push(scope);
    left = still;
    await delay(300);
  }
  return left.map(({ tenant }) => tenant);

  async function isQuiet(scope: ScopeColumns): Promise<boolean> {
    try {
      const latest = await findLatestRollout(db, scope);
      if (!latest) return true;
      if (latest.outcome !== null) return (await rolloutTemporal(client).standing(latest)) !== "running";
      if (latest.run_id === null && (await rolloutTemporal(client).standing(latest)) === "missing") {
        neverStarted = true;
        return false;
      }
      const rollout = { rolloutId: latest.id, workflowId: latest.workflow_id };
      await controlRollout(client, rollout, "abort", { by: "proof", reason: "the end" });
    } catch {
      // Refused because it ends already, or not back yet: looked at again.
    }
    return false;
  }
}

/** Keeps a history that violates a rule, for whoever has to find out why. */
export async function keepHistory(folder: string, seed: number, history: History): Promise<string> {
  const file = join(folder, `sluice-chaos-${seed}.json`);
  await writeFile(file, JSON.stringify(history, null, 1));
  return file;
}
