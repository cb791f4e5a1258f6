import { tmpdir } from "node:os";
import { withDatabase } from "../../src/storage/database.ts";
import type { ProofOptions } from "../prove.ts";
import type { History } from "./chaos/history.ts";
import { instrumentStore } from "./chaos/instrument-store.ts";
import { openParts } from "./chaos/parts.ts";
import { planSchedule } from "./chaos/plan-schedule.ts";
import { keepHistory, runSchedule } from "./chaos/run-schedule.ts";

/** Violations of one schedule that are printed. */
const SHOWN = 12;

/**
 * Schedules of random faults and operations, as many as fit: Postgres, Temporal, workers and connections are
 * killed, frozen, silenced and given wrong clocks while operators start, pause, resume, abort, approve, promote,
 * replace and roll back, and services serve users. What was asked, answered, served and stored is then held
 * against the rules of chaos/check-history.ts. A schedule that violates one is run again by its seed.
 */
export async function prove({ seed, minutes, first }: ProofOptions): Promise<boolean> {
  const deadline = performance.now() + minutes * 60_000;
  await using parts = await openParts();
  await withDatabase(parts.proxy.url, instrumentStore);
  let holds = true;
  for (let run = 0; run === 0 || performance.now() < deadline; run++) {
    const schedule = planSchedule(seed + run);
    const { history, violations } = await runSchedule(parts, schedule, `chaos-${run}`);
    say(
      `${violations.length === 0 ? "holds   " : "VIOLATED"}  seed ${schedule.seed}: ${schedule.faults.map(({ fault }) => fault).join(", ")}; ${described(history)}`,
    );
    for (const { rule, what } of violations.slice(0, SHOWN)) say(`            ${rule}: ${what}`);
    if (violations.length > SHOWN) say(`            and ${violations.length - SHOWN} more`);
    if (violations.length === 0) continue;
    holds = false;
    say(`            kept in ${await keepHistory(tmpdir(), schedule.seed, history)}`);
    say(`            run it again: npm run prove -- chaos --seed ${schedule.seed} --minutes 0.1`);
    if (first) break;
  }
  return holds;
}

function described({ operations, rollouts, samples, pointers }: History): string {
  const of = (outcome: string) => operations.filter((operation) => operation.outcome === outcome).length;
  return `${operations.length} operations (${of("acknowledged")} acknowledged, ${of("refused")} refused, ${of("unknown")} unknown), ${rollouts.length} rollouts, ${pointers.length} versions of pointers, ${samples.length} resolutions`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
