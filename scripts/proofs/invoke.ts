import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { FAULTS } from "../../src/local/model-server/behaviour.ts";
import { seededRandom } from "../../src/local/model-server/seeded-random.ts";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { MemorySource } from "../../src/resolver/index.ts";
import { supportPrompt } from "../../test/invoke/support/calling.ts";
import { serveSource } from "../../test/resolver/support/source-server.ts";
import type { ProofOptions } from "../prove.ts";
import { AT_ONCE, type CallNote, idOf, LATENCY_MS } from "./invoke/calls.ts";

const CALLS = 10_000;
/** Calls of one service; each but the last of all is killed on its way, and another one goes on. */
const EACH = 2_000;
const PER_PROCESS = 1_000;
/** Those that stand still would take until a time-out each. */
const QUICK = FAULTS.filter((fault) => !["hang", "stall-first", "stall-mid", "drip"].includes(fault));
/** What was under way when its caller died is answered, and logged, a moment later. */
const SETTLED_MS = 500;
/** Within which a call that is called off has ended, at p99. */
const ENDED_MS = 50;

/**
 * 10,000 calls of services that are killed on their way, with a third of all answers broken and a third of the calls
 * called off: each call that ended has exactly one outcome, and the model was asked as often as the outcomes say, but for
 * what was under way at a kill. A call that is called off has ended within 50 ms at p99, and leaves nothing behind.
 */
export async function prove({ seed }: ProofOptions): Promise<boolean> {
  const random = seededRandom(seed);
  const problems: string[] = [];
  const settled: number[] = [];
  const late: number[] = [];
  let [kills, lost, asked, ended] = [0, 0, 0, 0];
  for (let first = 0; first < CALLS; first += EACH) {
    const model = await startModelServer({ seed, latencyMs: LATENCY_MS, errorRate: 0.3, faults: QUICK });
    const source = new MemorySource();
    const active = source.addVersion("support", supportPrompt());
    source.setPointer({ label: "production", prompt: "support" }, { active });
    const store = await serveSource(source);
    const begun = new Set<number>();
    const ends = new Map<number, Extract<CallNote, { at: "end" }>>();
    const parts = { source: store.url, modelUrl: model.url, seed };
    for (let from = first; from < first + EACH;) {
      const to = Math.min(first + EACH, from + PER_PROCESS);
      const isKilled = to < first + EACH;
      const task = JSON.stringify({ ...parts, from, to });
      const child = spawn(process.execPath, [path.join(import.meta.dirname, "invoke/caller.ts"), task], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const killAt = isKilled ? from + 50 + Math.floor(random() * (PER_PROCESS - 100)) : Infinity;
      for await (const line of createInterface(child.stdout)) {
        const one = JSON.parse(line) as CallNote;
        if (one.at === "rest") {
          late.push(one.lateMs);
          const sockets = one.left.filter((name) => name === "TCPSocketWrap").length;
          if (sockets > AT_ONCE || one.left.length > sockets)
            problems.push(`a service has ended its calls, and these are left: ${one.left.join(", ")}`);
          continue;
        }
        if (one.at === "begin") begun.add(one.n);
        else ends.set(one.n, one);
        if (one.n >= killAt && child.exitCode === null) child.kill("SIGKILL");
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      if (isKilled) kills++;
      from = Math.max(...begun) + 1;
    }
    await delay(SETTLED_MS);
    const requests = new Map<number, number>();
    for (const { user } of model.requests()) {
      const n = Number(/call (\d+):/.exec(user)![1]);
      requests.set(n, (requests.get(n) ?? 0) + 1);
    }
    const outcomes = new Map<string, number>();
    for (const { id } of source.outcomes) outcomes.set(id, (outcomes.get(id) ?? 0) + 1);
    for (const n of begun) {
      const end = ends.get(n);
      const times = requests.get(n) ?? 0;
      const kept = outcomes.get(idOf(n)) ?? 0;
      if (end && kept !== 1) problems.push(`call ${n} ended (${end.kind}) with ${kept} outcomes`);
      if (!end && kept > 1) problems.push(`call ${n} has ${kept} outcomes`);
      // Called off before it was sent, or while the next attempt was waited for.
      const isOff = end?.kind === "cancelled";
      if (end && (isOff ? times > end.attempts + 1 : times !== end.attempts))
        problems.push(`call ${n} (${end.kind}): ${times} requests of ${end.attempts} attempts`);
      if (typeof end?.settledMs === "number") settled.push(end.settledMs);
      if (!end) lost++;
      else ended++;
      asked += times;
    }
    for (const n of requests.keys()) if (!begun.has(n)) problems.push(`nobody began call ${n}`);
    await model.stop();
    await store.close();
  }
  const sorted = settled.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  // Of what the machine lets nobody do in time the calls are not to blame.
  const machine = Math.max(...late);
  if (at(0.99) > ENDED_MS + machine)
    problems.push(
      `calls that were called off ended after ${at(0.99).toFixed(1)} ms at p99; ${ENDED_MS} are promised`,
    );
  console.log(
    `${ended} calls ended, ${lost} were under way at ${kills} kills; the models were asked ${asked} times`,
  );
  console.log(
    `called off: ${sorted.length}, ended after ${at(0.5).toFixed(1)} ms at the median, ${at(0.99).toFixed(1)} ms at p99; the machine kept a service waiting ${machine.toFixed(1)} ms at p99`,
  );
  for (const problem of problems.slice(0, 20)) console.log(`VIOLATED  ${problem}`);
  return problems.length === 0 && ended + lost >= CALLS && kills > 0;
}
