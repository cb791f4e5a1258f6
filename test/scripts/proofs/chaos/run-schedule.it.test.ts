import { expect, it } from "vitest";
import { openParts } from "../../../../scripts/proofs/chaos/parts.ts";
import { planSchedule } from "../../../../scripts/proofs/chaos/plan-schedule.ts";
import { instrumentStore } from "../../../../scripts/proofs/chaos/instrument-store.ts";
import { runSchedule } from "../../../../scripts/proofs/chaos/run-schedule.ts";
import { withDatabase } from "../../../../src/storage/database.ts";

/** Silences connections, fills the disk, kills Temporal and makes Postgres read-only. */
const SEED = 77;
const LENGTH_MS = 8_000;

it("random faults violate nothing: a short schedule of those that the proof runs for hours", async () => {
  await using parts = await openParts();
  await withDatabase(parts.proxy.url, instrumentStore);
  const { history, violations } = await runSchedule(parts, planSchedule(SEED, LENGTH_MS), "short");
  expect(violations).toEqual([]);
  expect(history.rollouts.length).toBeGreaterThan(0);
  expect(history.samples.length).toBeGreaterThan(100);
}, 180_000);
