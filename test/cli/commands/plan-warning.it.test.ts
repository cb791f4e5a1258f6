import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withDatabase } from "../../../src/storage/database.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
});
afterAll(() => bench.close());

const policy = (margin: number) =>
  `canary: { stages: [{ share: 50% }], interval: 500ms, max_units: 500, goal: { metric: rating, direction: higher, margin: ${margin} } }`;

it("a rollout that cannot conclude says so on stderr when it starts, and starts all the same", async () => {
  const NAME = "support-reply";
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("hopeless.yaml", policy(0.001));
  await bench.file("fine.yaml", policy(2));
  for (const wording of ["Be brief.", "Be kind.", "Be quick."]) {
    await bench.file("support-reply.yaml", promptFile(wording));
    await bench.run(["push", "support-reply.yaml"]);
  }
  await bench.run(["pointers", "set", `${NAME}@1`, "--expected-revision", "0", "--reason", "r", "--force"]);
  await withDatabase(bench.env["DATABASE_URL"]!, async (db) => {
    const { id } = await db
      .selectFrom("versions")
      .select("id")
      .where("number", "=", 1)
      .executeTakeFirstOrThrow();
    const outcomes = Array.from({ length: 500 }, (_, i) => ({
      id: randomUUID(),
      version: id,
      label: "production",
      metrics: { rating: 1 + (i % 5) },
    }));
    await sql`select sluice.record_batch(${JSON.stringify({ outcomes })}::jsonb)`.execute(db);
  });

  const start = (number: number, file: string) =>
    bench.run(["rollout", "start", `${NAME}@${number}`, "--policy", file, "--json"]);
  const hopeless = await start(2, "hopeless.yaml");
  expect(hopeless.stderr).toMatch(
    /^warning: rating needs about [\d,]+ units an arm, more than the 500 allowed/m,
  );
  expect(hopeless.code).toBe(0);
  expect(JSON.parse(hopeless.stdout)).toHaveProperty("rolloutId");
  await bench.until<{ phase: string }>(["rollout", "status", NAME], ({ phase }) => phase === "canary");
  await bench.run(["rollout", "abort", NAME]);
  await bench.until<{ outcome: string }>(["rollout", "status", NAME], ({ outcome }) => outcome === "aborted");

  const fine = await start(3, "fine.yaml");
  expect(fine.stderr).not.toContain("warning");
  expect(fine.code).toBe(0);
});
