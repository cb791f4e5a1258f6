import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SyncPlan } from "../../../src/domain/shapes/syncing.ts";
import { withDatabase } from "../../../src/storage/database.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";
import { openServerDoor, type ServerDoor } from "../doors.ts";

const NAME = "support-reply";
/** US dollars for a million tokens of input of the model that `promptFile` names. */
const PRICE = 0.25;
let bench: CommandBench;
let door: ServerDoor;

const write = (path: string, text: string) => writeFileSync(join(bench.folder, path), text);
const prompt = (wording: string) => promptFile(wording).replace("golden.yaml", "golden/cases.yaml");

beforeAll(async () => {
  bench = await createCommandBench();
  mkdirSync(join(bench.folder, "prompts/golden"), { recursive: true });
  write(
    "sluice.yaml",
    "environments:\n  production: {}\n  later: { from: production, live_for: 1h, policy: { gate: { dataset: prompts/golden/cases.yaml } } }\n",
  );
  write("prompts/golden/cases.yaml", GOLDEN);
  write(`prompts/${NAME}.yaml`, prompt("Be brief."));
  await bench.run(["push", "prompts"]);
  await bench.run(["pointers", "set", `${NAME}@1`, "--expected-revision", "0", "--reason", "r", "--force"]);
  door = await openServerDoor(bench);
  await withDatabase(bench.env["DATABASE_URL"]!, async (db) => {
    const { id } = await db
      .selectFrom("versions")
      .select("id")
      .where("prompt", "=", NAME)
      .executeTakeFirstOrThrow();
    const outcomes = Array.from({ length: 2_000 }, (_, i) => ({
      id: randomUUID(),
      version: id,
      label: "production",
      metrics: { rating: 1 + (i % 5) },
    }));
    await sql`select sluice.record_batch(${JSON.stringify({ outcomes })}::jsonb)`.execute(db);
  });
});
afterAll(async () => {
  await door.close();
  await bench.close();
});

describe("a plan's estimates", () => {
  it("say what gate, canary and a longer text cost, from prices and from what was recorded, through either door", async () => {
    write(
      `prompts/${NAME}.yaml`,
      prompt(`Be brief. ${"Say where it stands in the terms of sale. ".repeat(20)}`),
    );
    const here = await bench.run(["sync", "plan", "--json"]);
    expect(here.code, here.stderr).toBe(10);
    const { prompts } = JSON.parse(here.stdout) as SyncPlan;
    const { estimates, diff } = prompts.find(({ prompt }) => prompt === NAME)!;
    const [production, later] = estimates;
    expect(production).toMatchObject({ environment: "production", gateUsd: expect.any(Number) as number });
    // Both versions are asked each case; where nothing is live, the candidate alone.
    expect(production!.gateCalls).toBe(2 * later!.gateCalls!);
    // Two thousand within the hour: a plan takes it for the pace of the whole day.
    expect(production!.callsPerDay).toBeGreaterThan(40_000);
    expect(production!.callsPerDay).toBeLessThan(48_001);
    expect(production!.days).toBeGreaterThan(0);
    expect(production!.days).toBeLessThan(2);
    expect(later).toMatchObject({
      environment: "later",
      days: null,
      callsPerDay: null,
      textPerMonthUsd: null,
    });
    const perToken = production!.textPerMonthUsd! / (diff!.tokens.after - diff!.tokens.before);
    expect(perToken * 1_000_000).toBeCloseTo(production!.callsPerDay! * 30 * PRICE, 0);
    const text = await bench.run(["sync", "plan"]);
    expect(text.stdout.replaceAll(/\s+/g, " ")).toMatch(
      /gate 4 calls, about \$0\.\d+; canary about \d+\w at 4\d,\d{3} outcomes a day; the longer text costs about \$\d+ a month/,
    );
    expect((await bench.run(["sync", "plan", "--markdown"])).stdout).toMatch(/the longer text costs about/);
    const there = JSON.parse((await door.run(["sync", "plan", "--json"])).stdout) as SyncPlan;
    expect(
      there.prompts.map((one) =>
        one.estimates.map(({ gateCalls, gateUsd, days }) => ({ gateCalls, gateUsd, days })),
      ),
    ).toEqual(
      prompts.map((one) =>
        one.estimates.map(({ gateCalls, gateUsd, days }) => ({ gateCalls, gateUsd, days })),
      ),
    );
  });
});
