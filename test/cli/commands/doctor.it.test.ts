import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Examination } from "../../../src/domain/shapes/examination.ts";
import { type Database, openDatabase } from "../../../src/storage/database.ts";
import { randomTaskQueue, temporalAddress } from "../../support/temporal.ts";
import { type CommandBench, createCommandBench } from "../command-bench.ts";
import { runSluice } from "../run-sluice.ts";

/** Nothing listens there. */
const NOWHERE = "127.0.0.1:1";
const PROMPT = "name: tuned\nmodel: openai/my-own-tune\nmessages: [{ role: user, content: Hi }]\n";

let bench: CommandBench;
let db: Database;
beforeAll(async () => {
  bench = await createCommandBench();
  db = openDatabase(bench.env["DATABASE_URL"]!, { max: 1 });
});
afterAll(async () => {
  await db.destroy();
  await bench.close();
});

async function doctor(env: Readonly<Record<string, string>>) {
  const ran = await runSluice(["doctor", "--json"], { cwd: bench.folder, env: { ...bench.env, ...env } });
  const { state, checks } = JSON.parse(ran.stdout) as Examination;
  const of = (part: string) =>
    Object.fromEntries(
      checks.filter((check) => check.part === part).map(({ name, state: is }) => [name, is]),
    );
  return { code: ran.code, state, checks, of };
}

describe("sluice doctor", () => {
  it("says what an installation has left to do, and what to do about it", async () => {
    await bench.file("tuned.yaml", PROMPT);
    await bench.run(["push", "tuned.yaml"]);
    await bench.run(["pointers", "set", "tuned@1", "--force", "--reason", "r", "--expected-revision", "0"]);
    await sql`insert into sluice.dead_letters (id, operation_id, operation, payload, error)
      values (gen_random_uuid(), gen_random_uuid(), 'notify', '{}', '{}')`.execute(db);
    const temporal = { TEMPORAL_ADDRESS: await temporalAddress(), SLUICE_TASK_QUEUE: randomTaskQueue() };
    const found = await doctor(temporal);
    expect(found).toMatchObject({ code: 1, state: "todo" });
    expect(found.of("postgres")).toMatchObject({
      server: "ok",
      schema: "ok",
      clock: "ok",
      notifications: "ok",
    });
    expect(found.of("temporal")).toMatchObject({
      server: "ok",
      workers: "todo",
      "schedule retention": "todo",
    });
    expect(found.of("models")).toEqual({ openai: "ok", prices: "todo" });
    expect(found.of("rollouts")).toMatchObject({ canaries: "ok", "dead letters": "todo", roles: "note" });
    for (const { state, todo } of found.checks)
      expect(todo === null).toBe(state === "ok" || state === "note");
    const inWords = await runSluice(["doctor"], { cwd: bench.folder, env: { ...bench.env, ...temporal } });
    expect(inWords.stdout).toMatch(/TO DO {2}dead letters: 1 open\n +-> sluice dead-letters list/);
  });

  it("takes what is away for a finding, and no key for a note", async () => {
    const away = { TEMPORAL_ADDRESS: NOWHERE, OPENAI_BASE_URL: `http://${NOWHERE}/v1` };
    const found = await doctor(away);
    expect(found).toMatchObject({ code: 5, state: "down" });
    expect([found.of("temporal"), found.of("models")]).toEqual([
      { reachable: "down" },
      { openai: "down", prices: "todo" },
    ]);
    const keyless = await doctor({ ...away, OPENAI_BASE_URL: "", OPENAI_API_KEY: "" });
    expect(keyless.of("models")).toMatchObject({ openai: "note" });
    const gone = await doctor({ ...away, DATABASE_URL: `postgres://sluice@${NOWHERE}/sluice` });
    expect(gone.code).toBe(5);
    expect(gone.of("postgres")).toEqual({ reachable: "down" });
  });

  it("says of a database without Sluice that it is to be migrated, and asks no more of it", async () => {
    await sql`drop schema sluice cascade`.execute(db);
    const found = await doctor({ TEMPORAL_ADDRESS: NOWHERE });
    expect(found.of("postgres")).toMatchObject({ server: "ok", schema: "todo" });
    expect(found.of("rollouts")).toEqual({});
  });
});
