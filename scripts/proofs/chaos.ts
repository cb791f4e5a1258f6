import { tmpdir } from "node:os";
import { withDatabase } from "../../src/storage/database.ts";
import { makeNodeSettings } from "../../test/support/quick-node/make-node-settings.ts";
import { type Finding } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";
import type { History } from "./chaos/history.ts";
import { instrumentStore } from "./chaos/instrument-store.ts";
import { openParts } from "./chaos/parts.ts";
import { planSchedule, type Schedule } from "./chaos/plan-schedule.ts";
import { Results } from "./chaos/results.ts";
import { keepHistory, type Ran, runSchedule } from "./chaos/run-schedule.ts";

/** Violations of one schedule that are printed. */
const SHOWN = 12;

/**
 * Schedules of random faults and operations: every part is killed, frozen, silenced, filled or given a wrong clock, alone
 * and in combination, while operators start, pause, resume, abort, approve, promote, replace, set and roll back over the
 * database and over servers, and services serve users over the database, a server and a relay. What was asked, answered,
 * served and stored is then held against the rules of chaos/check-history.ts. Results accumulate by seed; a schedule that
 * violates a rule is run again by its seed. With `--schedules N` those are left out that this very code has been through.
 */
export async function prove({ seed, minutes, first, schedules = Infinity }: ProofOptions): Promise<Finding> {
  const deadline = performance.now() + minutes * 60_000;
  const results = new Results();
  // Parts are started again and again: half of what that takes is the reading of packages.
  Object.assign(process.env, await makeNodeSettings());
  await using parts = await openParts();
  await withDatabase(parts.proxy.url, instrumentStore);
  let finding: Finding = "holds";
  for (let run = 0; run < schedules; run++) {
    if (schedules !== Infinity && results.holds(seed + run)) continue;
    if (run > 0 && performance.now() > deadline) {
      if (schedules !== Infinity && finding === "holds") finding = "OPEN";
      break;
    }
    const schedule = planSchedule(seed + run);
    const ran = await runSchedule(parts, schedule, `chaos-${run}`);
    await report(schedule, ran, results);
    if (ran.violations.length === 0) continue;
    finding = "VIOLATED";
    if (first) break;
  }
  say(results.summary);
  return finding;
}

async function report(
  { seed, faults }: Schedule,
  { history, violations }: Ran,
  results: Results,
): Promise<void> {
  const names = faults.map(({ fault }) => fault);
  results.add({
    seed,
    operations: history.operations.length,
    rollouts: history.rollouts.length,
    resolutions: history.samples.length,
    violations: Object.fromEntries(
      [...Map.groupBy(violations, ({ rule }) => rule)].map(([rule, those]) => [rule, those.length]),
    ),
  });
  const word = violations.length === 0 ? "holds   " : "VIOLATED";
  say(`${word}  seed ${seed}: ${names.join(", ")}; ${described(history)}`);
  for (const { rule, what } of violations.slice(0, SHOWN)) say(`            ${rule}: ${what}`);
  if (violations.length > SHOWN) say(`            and ${violations.length - SHOWN} more`);
  if (violations.length === 0) return;
  say(`            kept in ${await keepHistory(tmpdir(), seed, history)}`);
  say(`            run it again: npm run prove -- chaos --seed ${seed} --minutes 0.1`);
}

function described({ operations, rollouts, samples, pointers }: History): string {
  const of = (outcome: string) => operations.filter((operation) => operation.outcome === outcome).length;
  return `${operations.length} operations (${of("acknowledged")} acknowledged, ${of("refused")} refused, ${of("unknown")} unknown), ${rollouts.length} rollouts, ${pointers.length} versions of pointers, ${samples.length} resolutions`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
