import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withDatabase } from "../../../src/storage/database.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";
import { openServerDoor, type ServerDoor } from "../doors.ts";

let bench: CommandBench;
let door: ServerDoor;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  door = await openServerDoor(bench);
});
afterAll(async () => {
  await door.close();
  await bench.close();
});

const policy = (margin: number) =>
  `canary: { stages: [{ share: 50% }], interval: 500ms, max_units: 500, goal: { metric: rating, direction: higher, margin: ${margin} } }`;

it("a rollout that cannot conclude says so on stderr when it starts, through either door, and starts all the same", async () => {
  const NAME = "support-reply";
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("hopeless.yaml", policy(0.001));
  await bench.file("fine.yaml", policy(2));
  for (const wording of ["Be brief.", "Be kind.", "Be quick.", "Be warm."]) {
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
    // Counted over an hour at least, and over more once that is past: of the next one, it is the same for both doors.
    await sql`update sluice.usage set hour = hour + interval '1 hour'`.execute(db);
  });

  const start = (number: number, file: string) =>
    ["rollout", "start", `${NAME}@${number}`, "--policy", file, "--json"] as const;
  const said: string[] = [];
  for (const [number, through] of [bench, door].entries()) {
    const hopeless = await through.run(start(number + 2, "hopeless.yaml"));
    said.push(hopeless.stderr);
    expect(hopeless.code).toBe(0);
    const { warnings } = JSON.parse(hopeless.stdout) as { warnings: string[] };
    expect(warnings.map((warning) => `warning: ${warning}`)).toEqual(hopeless.stderr.trim().split("\n"));
    await bench.until<{ phase: string }>(["rollout", "status", NAME], ({ phase }) => phase === "canary");
    await bench.run(["rollout", "abort", NAME]);
    await bench.until<{ outcome: string }>(
      ["rollout", "status", NAME],
      ({ outcome }) => outcome === "aborted",
    );
  }
  expect(said[0]).toMatch(/^warning: rating needs about [\d,]+ units an arm, more than the 500 allowed/m);
  expect(said[1]).toBe(said[0]);

  const fine = await door.run(start(4, "fine.yaml"));
  expect(fine.stderr).not.toContain("warning");
  expect(fine.code).toBe(0);
  expect(JSON.parse(fine.stdout)).toMatchObject({ warnings: [] });
});
