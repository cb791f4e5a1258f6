import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/storage/database.ts";
import { chatAnswer, wireServer, type WireServer } from "../../providers/wire-server.ts";
import { createCommandBench, type CommandBench } from "../command-bench.ts";
import { type Ran, runSluice } from "../run-sluice.ts";

let bench: CommandBench;
let model: WireServer;
beforeAll(async () => {
  bench = await createCommandBench();
  model = await wireServer((response, request, body) => {
    const [message] = JSON.parse(body).messages;
    chatAnswer(message.content)(response, request, body);
  });
  await bench.file("old.yaml", prompt("old"));
  await bench.file("new.yaml", prompt("new"));
  await bench.file("cases.yaml", cases("w"));
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await bench.close();
});

const prompt = (wording: string, more = "") =>
  `name: echo\nmodel: openai/gpt-4.1\n${more}variables: { word: { type: string } }\nmessages: [{ role: user, content: "${wording} {{ word }}" }]\n`;
const cases = (expected: string) =>
  Array.from(
    { length: 5 },
    (_, at) => `- { vars: { word: w${at} }, assert: [{ type: contains, value: ${expected} }] }\n`,
  ).join("");

/** Runs the gate of new.yaml against old.yaml, and says how often each version was asked. */
async function gate(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  model.requests.length = 0;
  const given = args.includes("--dataset") ? args : ["--dataset", "cases.yaml", ...args];
  const ran: Ran = await runSluice(["eval", "new.yaml", "--baseline", "old.yaml", "--json", ...given], {
    cwd: bench.folder,
    env: { ...bench.env, OPENAI_BASE_URL: `${model.url}/v1`, ...env },
  });
  const asked = (wording: string) =>
    model.requests.filter(({ body }) => body.includes(`"${wording} w`)).length;
  return { ...ran, said: JSON.parse(ran.stdout), asked: { new: asked("new"), old: asked("old") } };
}

async function evaluateConfig(args: readonly string[]) {
  const env = { ...bench.env, OPENAI_BASE_URL: `${model.url}/v1` };
  const ran = await runSluice(["eval", "c.yaml", "--json", ...args], { cwd: bench.folder, env });
  return { ...ran, said: JSON.parse(ran.stdout) };
}

describe("sluice eval with a database", () => {
  it("measures a baseline three times, averages that, and not again as long as nothing changes that its results depend on", async () => {
    const first = await gate();
    for (const _ of [2, 3]) expect((await gate()).asked).toEqual({ new: 5, old: 5 });
    expect(first.asked).toEqual({ new: 5, old: 5 });
    expect(first.said).toMatchObject({ reused: 0, looks: "fine" });
    const again = await gate();
    expect(again.asked).toEqual({ new: 5, old: 0 });
    expect(again.said).toMatchObject({ reused: 5, looks: "fine", baselinePassRate: 1, regression: 0 });
    expect(again.said.costUsd).toBeCloseTo(first.said.costUsd / 2);
    expect(again.stderr).toMatch(/5 cases: 5 calls for about \$.*passes about/);
    expect(again.stderr).toContain("5 results of the baseline are reused");
    // A second repeat has not been measured yet, the first has.
    for (const _ of [1, 2]) expect((await gate(["--repeats", "2"])).asked).toEqual({ new: 10, old: 5 });
    expect((await gate(["--repeats", "2"])).asked).toEqual({ new: 10, old: 0 });
  });

  it("measures it again for another case, parameter, endpoint, or when asked to", async () => {
    await gate();
    await bench.file(
      "others.yaml",
      `${cases("w")}- { vars: { word: w9 }, assert: [{ type: contains, value: w }] }\n`,
    );
    expect((await gate(["--dataset", "others.yaml"])).asked).toEqual({ new: 6, old: 1 });
    await bench.file("stricter.yaml", cases("old"));
    expect((await gate(["--dataset", "stricter.yaml"])).asked).toEqual({ new: 5, old: 5 });
    expect((await gate(["--remeasure"])).asked).toEqual({ new: 5, old: 5 });
    expect((await gate([], { OPENAI_BASE_URL: `${model.url}/v1/` })).asked).toEqual({ new: 5, old: 5 });
    await bench.file("old.yaml", prompt("old", "params: { temperature: 0 }\n"));
    expect((await gate()).asked).toEqual({ new: 5, old: 5 });
  });

  it("measures everything where the database is away, and says so", async () => {
    const { said, stderr, asked, code } = await gate([], {
      DATABASE_URL: "postgres://u:hidden@127.0.0.1:1/x",
    });
    expect(asked).toEqual({ new: 5, old: 5 });
    expect(said).toMatchObject({ looks: "fine", reused: 0 });
    expect(stderr).toMatch(/earlier results of the baseline cannot be reused: .*127\.0\.0\.1:1/);
    expect(stderr).not.toContain("hidden");
    expect(code).toBe(3);
  });

  it("compares a promptfoo configuration with a version that is stored", async () => {
    await bench.json(["push", "old.yaml"]);
    const tests = cases("w").replaceAll(/^/gm, "  ").trimEnd();
    await bench.file(
      "c.yaml",
      `prompts: ['new {{ word }}']\nproviders: [openai:gpt-4.1]\ntests:\n${tests}\n`,
    );
    const { said } = await evaluateConfig(["--baseline", "echo@1"]);
    expect(said).toMatchObject({ baseline: "echo@1", cases: 5, baselinePassRate: 1, looks: "fine" });
    expect(said.baselineId).toMatch(/^[0-9a-f-]{36}$/);
    for (const _ of [2, 3]) await evaluateConfig(["--baseline", "echo@1"]);
    expect((await evaluateConfig(["--baseline", "echo"])).said.reused).toBe(5);
    const none = await evaluateConfig(["--baseline", "echo@9"]);
    expect(none.said.error).toMatchObject({ code: "not_found" });
  });

  it("averages what it knows of a baseline, and asks it afresh before a verdict that rests on lucky runs", async () => {
    await bench.file("flaky.yaml", cases("old").replaceAll("value: old", "value: '# 1'"));
    // What was measured of each case before happened to pass.
    const flaky = ["--dataset", "flaky.yaml"];
    for (const _ of [1, 2, 3]) await gate(flaky);
    const pass = sql`jsonb_set(result, '{pass}', 'true')`;
    const db = openDatabase(bench.env["DATABASE_URL"]!);
    await sql`update sluice.baseline_results set result = ${pass}`.execute(db);
    await db.destroy();
    const { asked, said } = await gate([...flaky, "--min-pass-rate", "0"]);
    expect(asked.old).toBe(5);
    expect(said).toMatchObject({ reused: 0, baselinePassRate: 0.75 });
    const averaged = said.results.filter(({ arm }: { arm: string }) => arm === "baseline");
    expect(averaged.map(({ runs }: { runs: unknown }) => runs)).toEqual(
      Array.from({ length: 5 }, () => ({ passed: 3, of: 4 })),
    );
  });

  it("still says that the endpoint is away, whatever is known of the baseline", async () => {
    await gate();
    const { code } = await gate([], { OPENAI_BASE_URL: "http://127.0.0.1:1/v1" });
    expect(code).toBe(5);
    expect((await gate()).asked).toEqual({ new: 5, old: 0 });
  });
});
