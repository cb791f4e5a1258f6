import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { examineContents } from "../../../src/doctor/contents.ts";
import type { Examination } from "../../../src/domain/shapes/examination.ts";
import { openContents } from "../../../src/outbound/contents/open-contents.ts";
import { useContents } from "../../../src/storage/contents.ts";
import { type Database, openDatabase } from "../../../src/storage/database.ts";
import { findDocument } from "../../../src/storage/read/document.ts";
import { pushPromptFiles } from "../../../src/use-cases/push.ts";
import { randomTaskQueue, temporalAddress } from "../../support/temporal.ts";
import { type CommandBench, createCommandBench, promptFile } from "../command-bench.ts";
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
    await sql`with m as (insert into sluice.monitors (prompt, label, name, spec, set_at)
        values ('tuned', 'production', 'regate', '{"kind": "regate"}', now() - interval '1 hour') returning id)
      insert into sluice.regates (monitor_id, version_id, run_id, kind, problem, ended_at)
      select m.id, v.id, 'r', 'run', 'the budget is used up', now() from m, sluice.versions v`.execute(db);
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
    expect(found.checks.find(({ name }) => name === "tests asked again")).toMatchObject({
      state: "todo",
      said: "paused in production/tuned since a run failed: the budget is used up",
      todo: "mend that, then set its monitors again: sluice monitors set tuned --file FILE",
    });
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

  it("knows where large datasets are kept, and that one is lost; whoever needs it says so", async () => {
    const contents = join(bench.folder, "contents");
    await mkdir(contents);
    const kept = openDatabase(bench.env["DATABASE_URL"]!, {
      max: 1,
      contents: openContents({ place: contents }),
    });
    onTestFinished(() => kept.destroy());
    const found = async (of: Database) => {
      const { state, said } = await examineContents(of);
      return `${state}: ${said}`;
    };
    const cases = Array.from({ length: 300 }, (_, n) => ({
      vars: { question: `${n} ${"how? ".repeat(200)}` },
      assert: [{ type: "icontains", value: "24 hours" }],
    }));
    await bench.file("golden.json", JSON.stringify(cases));
    await bench.file("large.yaml", promptFile("Be brief.").replace("golden.yaml", "golden.json"));
    const push = () =>
      pushPromptFiles(kept, [join(bench.folder, "large.yaml")], { author: "ann", message: "" });
    expect(await found(kept)).toBe(`ok: none yet; they go to ${contents}`);
    await push();
    expect(await found(kept)).toBe(`ok: 1 dataset in ${contents}, all there`);
    expect(await found(db)).toBe(`todo: 1 dataset is kept in ${contents}, which is not named here`);

    const { rows } = await sql<{ document: string; body: unknown; content: string }>`
      select sha256 as document, body, content_sha256 as content from sluice.documents where kind = 'dataset'`.execute(
      db,
    );
    const { document, body, content } = rows[0]!;
    const file = join(contents, content.slice(0, 2), `${content}.json`);
    expect(body).toBeNull();
    expect((await findDocument(kept, document))!.body).toMatchObject({ cases: { length: cases.length } });
    const ran = await runSluice(["plan", "support-reply@1"], { cwd: bench.folder, env: bench.env });
    expect(ran).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("set SLUICE_CONTENTS to the same as the workers have"),
    });
    // What was read once is remembered.
    useContents(kept, openContents({ place: contents }));
    await writeFile(file, "[]");
    await expect(findDocument(kept, document)).rejects.toThrow("is not what was written");
    useContents(kept, openContents({ place: contents }));
    await rm(file);
    await expect(findDocument(kept, document)).rejects.toThrow(
      `golden.json is lost: ${contents} has no ${content}`,
    );
    const examined = await doctor({ TEMPORAL_ADDRESS: NOWHERE, SLUICE_CONTENTS: contents });
    expect(examined.checks.find(({ name }) => name === "large datasets")).toMatchObject({
      state: "todo",
      said: expect.stringMatching(/^1 of 1 large dataset is lost: .*golden\.json/),
    });
    // Whoever has it still brings it back by pushing it again.
    await push();
    expect(await found(kept)).toBe(`ok: 1 dataset in ${contents}, all there`);
    await rm(contents, { recursive: true });
    expect(await found(kept)).toMatch(/^down: .*is not there/);
    await bench.file("golden.json", JSON.stringify(cases.toReversed()));
    await expect(push()).rejects.toMatchObject({ code: "unavailable" });
    const { rows: documents } = await sql`select from sluice.documents where kind = 'dataset'`.execute(db);
    expect(documents).toHaveLength(1);
  });

  it("says of a database without Sluice that it is to be migrated, and asks no more of it", async () => {
    await sql`drop schema sluice cascade`.execute(db);
    const found = await doctor({ TEMPORAL_ADDRESS: NOWHERE });
    expect(found.of("postgres")).toMatchObject({ server: "ok", schema: "todo" });
    expect(found.of("rollouts")).toEqual({});
  });
});
