import { expect, it } from "vitest";
import { openParts } from "../../../../scripts/proofs/chaos/parts.ts";
import { planSchedule } from "../../../../scripts/proofs/chaos/plan-schedule.ts";
import { instrumentStore } from "../../../../scripts/proofs/chaos/instrument-store.ts";
import { runSchedule } from "../../../../scripts/proofs/chaos/run-schedule.ts";
import { withDatabase } from "../../../../src/storage/database.ts";

/** Silences connections, makes Postgres read-only, fills disks and kills a worker at an exact point, partly at once. */
const SEED = 145;
const LENGTH_MS = 8_000;

it("random faults violate nothing: a short schedule of those that the proof runs for hours", async () => {
  await using parts = await openParts({ replicas: 1 });
  await withDatabase(parts.proxy.url, instrumentStore);
  const { history, violations } = await runSchedule(parts, planSchedule(SEED, LENGTH_MS), "short");
  expect(violations).toEqual([]);
  expect(history.rollouts.length).toBeGreaterThan(0);
  expect(history.samples.length).toBeGreaterThan(100);
  expect(new Set(history.samples.map(({ door }) => door))).toEqual(new Set(["database", "server", "relay"]));
  expect(history.takenOutcomes.length).toBeGreaterThan(0);
}, 180_000);
