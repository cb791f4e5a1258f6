import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "./command-bench.ts";

let bench: CommandBench;
const small = (name: string, more = "") =>
  `name: ${name}\nmodel: openai/gpt-4.1-mini\n${more}messages: [{ role: user, content: hi }]\n`;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.file("a.yaml", small("shop/refund", "tags: [support, money]\nmetadata: { ticket: SUP-12 }\n"));
  await bench.file("b.yaml", small("shop/greeting", "description: Says hello\ntags: [support]\n"));
  await bench.run(["push", "support-reply.yaml", "a.yaml", "b.yaml"]);
  await bench.run(["pointers", "set", "support-reply@1", ...SET, "0"]);
});
afterAll(() => bench.close());

const SET = ["--force", "--reason", "by hand", "--expected-revision"];
const listed = async (...filter: string[]) =>
  (await bench.json<{ prompt: string }[]>(["list", ...filter])).map(({ prompt }) => prompt);

describe("the list of prompts", () => {
  it("is narrowed down by text, tags, status, label and model, together", async () => {
    expect(await listed()).toEqual(["shop/greeting", "shop/refund", "support-reply"]);
    expect(await listed("HELLO")).toEqual(["shop/greeting"]);
    expect(await listed("--tag", "support", "--tag", "money")).toEqual(["shop/refund"]);
    expect(await listed("--status", "live")).toEqual(["support-reply"]);
    expect(await listed("--live", "production")).toEqual(["support-reply"]);
    expect(await listed("--live", "staging")).toEqual([]);
    expect(await listed("--model", "gpt-4.1-mini", "shop")).toEqual(["shop/greeting", "shop/refund"]);
    const none = await bench.run(["list", "--tag", "money", "--live", "production"]);
    expect(none.stdout).toBe("no prompt is like that\n");
  });

  it.each([
    [["--live", "producton"], 'nothing is served for the label "producton"; did you mean "production"?'],
    [["--live", "eu"], 'nothing is served for the label "eu"; there is production'],
    [["--tag", "suport"], 'no prompt has the tag "suport"; did you mean "support"?'],
    [["--tag", "support", "--tag", "xyz"], 'no prompt has the tag "xyz"; there is money, support'],
    [["--model", "gpt-4.1-mimi"], '"gpt-4.1-mimi"; did you mean "gpt-4.1-mini"?'],
    [["support-repli"], 'in its name or description: "support-repli"; did you mean "support-reply"?'],
  ])("answers a filter that nothing has, %j, with what is near it", async (filter, said) => {
    const none = await bench.run(["list", ...filter]);
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining(`${said}\n`) });
    const asJson = await bench.run(["list", ...filter, "--json"]);
    expect(asJson).toMatchObject({ code: 0, stdout: "[]\n", stderr: expect.stringContaining(said) });
  });
});

describe("an archived prompt", () => {
  it("is in no list, is not rolled out or made live, and comes back", async () => {
    const away = ["archive", "shop/refund", "--reason", "replaced"];
    expect(await bench.json(away)).toEqual({ prompt: "shop/refund", archived: true, changed: true });
    expect(await bench.json(away)).toMatchObject({ changed: false });
    expect(await listed()).not.toContain("shop/refund");
    expect(await listed("--archived")).toEqual(["shop/refund"]);
    expect((await bench.run(["list"])).stderr).toContain("1 archived prompt left out");
    expect(await bench.json(["versions", "shop/refund"])).toMatchObject([{ status: "archived" }]);

    const pushed = await bench.run(["push", "a.yaml"]);
    expect(pushed).toMatchObject({ code: 0, stderr: expect.stringContaining("shop/refund is archived") });
    expect(await bench.json(["push", "a.yaml"])).toMatchObject([{ created: false, archived: true }]);

    const moved = await bench.run(["pointers", "set", "shop/refund@1", ...SET, "0"]);
    expect(moved).toMatchObject({ code: 4, stderr: expect.stringContaining("sluice unarchive shop/refund") });

    expect(await bench.json(["unarchive", "shop/refund", "--reason", "again"])).toMatchObject({
      archived: false,
      changed: true,
    });
    expect(await listed()).toContain("shop/refund");
    const again = await bench.run(["unarchive", "shop/refund", "--reason", "again"]);
    expect(again).toMatchObject({ code: 0, stdout: "nothing to do: shop/refund is not archived\n" });
    const audit = await bench.json<{ action: string }[]>(["audit", "shop/refund"]);
    expect(audit.map(({ action }) => action)).toEqual([
      "version_pushed",
      "prompt_archived",
      "prompt_unarchived",
    ]);
  });

  it("is one that users are served only when that is said, and they go on being served", async () => {
    const refused = await bench.run(["archive", "support-reply", "--reason", "x"]);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("production/support-reply serves support-reply@1");
    expect(refused.stderr).toContain("--still-served");
    expect(await listed()).toContain("support-reply");

    await bench.json(["archive", "support-reply", "--reason", "replaced", "--still-served"]);
    expect(await listed()).not.toContain("support-reply");
    expect((await bench.run(["resolve", "support-reply"])).stdout).toContain("support-reply@1");
    expect(await bench.json(["versions", "support-reply"])).toMatchObject([{ status: "live" }]);
    await bench.json(["unarchive", "support-reply", "--reason", "still needed"]);
  });
});

describe("the metadata of a version", () => {
  it("is kept beside it, makes no version, and is part of the file that show prints", async () => {
    expect(await bench.json(["show", "shop/refund"])).toMatchObject({ metadata: { ticket: "SUP-12" } });
    expect((await bench.run(["show", "shop/refund"])).stdout).toMatch(/metadata +ticket: SUP-12/);
    await bench.file("shown.yaml", (await bench.run(["show", "shop/refund", "--file"])).stdout);
    expect(await bench.json(["push", "shown.yaml"])).toMatchObject([{ created: false }]);
    await bench.file(
      "a.yaml",
      small("shop/refund", "tags: [support, money]\nmetadata: { ticket: SUP-99 }\n"),
    );
    const again = await bench.run(["push", "a.yaml"]);
    expect(again.stdout).toContain("shop/refund@1 unchanged");
    expect(again.stderr).toContain("keeps the metadata that it was pushed with");
    expect(await bench.json(["show", "shop/refund"])).toMatchObject({ metadata: { ticket: "SUP-12" } });
    await bench.file("a.yaml", small("shop/refund", `metadata: { note: "${"x".repeat(20_000)}" }\n`));
    const long = await bench.run(["push", "a.yaml"]);
    expect(long).toMatchObject({ code: 2, stderr: expect.stringMatching(/a\.yaml:3:\d+: metadata.*16,384/) });
  });
});

describe("what came of versions", () => {
  beforeAll(async () => {
    await bench.file("support-reply.yaml", promptFile("Be kind."));
    await bench.run(["push", "support-reply.yaml"]);
    const record = (version: number, unit: string, ...rest: string[]) =>
      bench.run(["record", `support-reply@${version}`, "--unit", unit, "--metric", ...rest]);
    await record(1, "u1", "rating=5", "tokens=100");
    await record(1, "u2", "rating=2", "tokens=300", "--feedback", "too long");
    await record(2, "u3", "rating=5", "tokens=50", "--feedback", "just right");
  });

  it("is shown with status, sums and how often each rating came", async () => {
    const { versions } = await bench.json<{ versions: object[] }>(["usage", "support-reply"]);
    expect(versions).toMatchObject([
      { version: 2, status: "draft", executions: 1 },
      { version: 1, status: "live", executions: 2 },
    ]);
    expect(versions[1]).toMatchObject({
      metrics: [
        {
          metric: "rating",
          distribution: [
            { value: 2, n: 1 },
            { value: 5, n: 1 },
          ],
        },
        { metric: "tokens", sum: 400 },
      ],
    });
  });

  it("is compared side by side for versions that are named", async () => {
    const { stdout } = await bench.run(["usage", "support-reply@1", "support-reply@2"]);
    expect(stdout).toMatch(/^ +@1 +@2$/m);
    expect(stdout).toMatch(/^status +live +draft$/m);
    expect(stdout).toMatch(/^tokens sum +400 +50$/m);
    expect(stdout).toMatch(/^rating values +2: 1, 5: 1 +5: 1$/m);
    const mixed = await bench.run(["usage", "support-reply@1", "shop/refund@1"]);
    expect(mixed).toMatchObject({ code: 2, stderr: expect.stringContaining("versions of one prompt") });
  });

  it("can be read where users said something", async () => {
    const said = await bench.json<object[]>(["feedback", "support-reply"]);
    expect(said).toMatchObject([
      { version: 2, feedback: "just right", metrics: { rating: 5 } },
      { version: 1, feedback: "too long" },
    ]);
    expect(await bench.json(["feedback", "support-reply@1.0.0"])).toMatchObject([{ version: 1 }]);
    expect(await bench.json(["feedback", "support-reply", "--only", "sample"])).toEqual([]);
    expect((await bench.run(["feedback", "support-reply"])).stdout).toContain("\n  too long\n");
  });

  it.each(["rating=99", "error=2", "latency_ms=-1"])("is no measurement that cannot be: %s", async (pair) => {
    const refused = await bench.run(["record", "support-reply@1", "--unit", "u", "--metric", pair]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(pair) });
  });
});

describe("an evaluation by hand of a stored version", () => {
  it("is kept with it, and vouches for no move", async () => {
    const evaluated = await bench.json<{ cases: number; verdict: string }>(
      "eval support-reply@2 --accept-fine --min-pass-rate 0".split(" "),
    );
    expect(evaluated.cases).toBe(2);
    const shown = await bench.json(["show", "support-reply@2"]);
    expect(shown).toMatchObject({ tested: { verdict: evaluated.verdict, by: "eval" } });
    expect((await bench.run(["show", "support-reply@2"])).stdout).toMatch(/tested +\w+ by hand, /);
    const [first] = await bench.json<{ tested: unknown }[]>(["versions", "support-reply"]);
    expect(first!.tested).toBeNull();
    const moved = await bench.run(["pointers", "set", "support-reply@2", ...SET.slice(1), "1"]);
    expect(moved).toMatchObject({ code: 4, stderr: expect.stringContaining("no passed evaluation") });
  });
});

describe("a model that is asked by hand", () => {
  const ASKED = ["invoke", "support-reply", "--var", "product=Kettle", "question=Can I get a refund?"];

  it("is shown what it would be sent, and sent nothing; then answers, whole and as it comes, and is recorded", async () => {
    const planned = await bench.run([...ASKED, "--dry-run"]);
    expect(planned, planned.stderr).toMatchObject({ code: 0, stderr: "" });
    expect(planned.stdout).toContain("support-reply@1, about ");
    const calls = async () => {
      const { versions } = await bench.json<{ versions: { version: number; executions: number }[] }>([
        "usage",
        "support-reply",
      ]);
      return versions.find(({ version }) => version === 1)?.executions ?? 0;
    };
    const before = await calls();
    const answered = await bench.run(ASKED);
    expect(answered, answered.stderr).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/support-reply@1, openai\/.*: \d+ ms, .*\$/),
    });
    const streamed = await bench.run([...ASKED, "--stream"]);
    expect(streamed.stdout).toBe(answered.stdout);
    const unrecorded = await bench.json([...ASKED, "--no-record"]);
    expect(unrecorded).toMatchObject({ text: answered.stdout.trimEnd(), finishReason: "stop" });
    expect((await calls()) - before).toBe(2);
  });

  it("falls back to the version's own models, to others in their place, or to none, as it is told", async () => {
    await bench.file("chain.yaml", small("shop/chain", "fallbacks: [openai/gpt-5-mini]\n"));
    await bench.run(["push", "chain.yaml"]);
    const targets = async (...more: string[]) => {
      const planned = await bench.json<{ targets: { target: string }[] }>([
        "invoke",
        "shop/chain@1",
        "--dry-run",
        ...more,
      ]);
      return planned.targets.map(({ target }) => target).slice(1);
    };
    expect(await targets()).toEqual(["openai/gpt-5-mini"]);
    expect(await targets("--fallbacks", "openai/gpt-5.4-mini")).toEqual(["openai/gpt-5.4-mini"]);
    expect(await targets("--fallbacks", "none")).toEqual([]);
  });

  it("is not asked once the budget of its day is spent, until that is taken away", async () => {
    await bench.file("stop.yaml", "cost: { per_day_usd: 0.000001, stop: true }\n");
    await bench.file("none.yaml", "{}\n");
    expect((await bench.run(ASKED)).code).toBe(0);
    await bench.run(["monitors", "set", "support-reply", "--file", "stop.yaml"]);
    expect(await bench.run([...ASKED, "--json"])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"kind": "budget"'),
    });
    expect((await bench.run(["monitors", "list", "support-reply"])).stdout).toContain(
      "SPENT: calls are refused",
    );
    expect((await bench.run([...ASKED, "--dry-run"])).stdout).toMatch(
      /^warning: \S+ of the \S+ that a day may cost are spent: until 00:00 UTC openai\/\S+ is not asked/m,
    );
    await bench.run(["monitors", "set", "support-reply", "--file", "none.yaml"]);
    expect((await bench.run(ASKED)).code).toBe(0);
  });

  it("ends with 1 for an answer of the wrong form, 2 for bad input, and 5 for a vendor that is away", async () => {
    const failing = (fault: string, more = "") =>
      small(`failing/${fault}`, more).replace("gpt-4.1-mini", `gpt-4.1-mini+error-rate=1+faults=${fault}`);
    const schema =
      "output_schema: { type: object, properties: { answer: { type: string } }, required: [answer] }\n";
    await bench.file("away.yaml", failing("500"));
    await bench.file("form.yaml", failing("bad-json", schema));
    await bench.run(["push", "away.yaml", "form.yaml"]);
    const form = await bench.run(["invoke", "failing/bad-json@1", "--json"]);
    expect(form).toMatchObject({ code: 1, stdout: expect.stringContaining('"kind": "format"') });
    expect((await bench.run(["invoke", "failing/500@1"])).code).toBe(5);
    expect((await bench.run(["invoke", "support-reply"])).code).toBe(2);
    expect(await bench.run(["invoke", "support-replay"])).toMatchObject({ code: 2, stdout: "" });
  });
});
