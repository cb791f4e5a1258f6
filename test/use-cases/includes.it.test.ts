import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from "vitest";
import { digestJson } from "../../src/digest.ts";
import { openDatabase, type Database } from "../../src/storage/database.ts";
import { listUses } from "../../src/storage/read/used-by.ts";
import { listPrompts } from "../../src/storage/read/prompt-list.ts";
import { listVersions } from "../../src/storage/read/version-list.ts";
import { requireVersion } from "../../src/storage/read/version.ts";
import { planEvaluation } from "../../src/use-cases/plan-evaluation.ts";
import { versionsIn } from "../../src/storage/read/versions-in.ts";
import { pushPromptFiles } from "../../src/use-cases/push.ts";
import type { PushResult } from "../../src/domain/shapes/versions.ts";
import { refuseBrokenCallers } from "../../src/use-cases/refuse-broken-callers.ts";
import { reportImpact } from "../../src/use-cases/report-impact.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { scopeColumns } from "../../src/domain/scope.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let folder: string;
let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-includes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.url);
});
afterEach(async () => {
  await db.destroy();
  await database.drop();
});

/** Writes `name.yaml` for each, and pushes them together. */
async function push(files: Readonly<Record<string, string>>): Promise<PushResult[]> {
  const paths: string[] = [];
  for (const [name, messages] of Object.entries(files)) {
    const path = join(folder, `${name}.yaml`);
    await writeFile(path, `name: ${name}\nmodel: openai/gpt-5-mini\n${messages}`);
    paths.push(path);
  }
  return pushPromptFiles(db, paths, { author: "ann", message: "" });
}

const STYLE = "messages: [{ role: system, content: Be brief. }]\n";
const artifactOf = async (prompt: string, number: number) =>
  (await requireVersion(db, { prompt, number })).artifact;
const live = (prompt: string, number: number, expectedRevision: number) =>
  setPointerByHand(db, {
    scope: scopeColumns({ label: "production", prompt }),
    version: { prompt, number },
    expectedRevision,
    reason: "test",
    force: true,
    by: null,
  });

describe("a prompt that includes another", () => {
  it("holds the messages and variables of exactly that version, and says whose they are", async () => {
    const [style] = await push({
      style:
        "variables: { tone: { type: string, default: kind } }\nmessages:\n  - { role: system, content: 'Be {{ tone }}.' }\n  - { role: user, content: Hi }\n",
    });
    const [reply] = await push({
      reply:
        "messages:\n  - { role: system, content: First. }\n  - { include: style@1 }\n  - { placeholder: history }\n",
    });
    const artifact = await artifactOf("reply", 1);
    expect(artifact).toMatchObject({
      variables: { tone: { type: "string", default: "kind" } },
      messages: [
        { role: "system", content: "First." },
        { role: "system", content: "Be {{ tone }}." },
        { role: "user", content: "Hi" },
        { placeholder: "history" },
      ],
      includes: [{ prompt: "style", number: 1, sha256: style!.sha256, at: 1, count: 2 }],
    });
    expect(digestJson(artifact)).toBe(reply!.sha256);
    expect(reply!.tokens).toBeGreaterThan(style!.tokens);
  });

  it("does not change when the other one does, until it is pushed again", async () => {
    await push({ style: STYLE });
    await live("style", 1, 0);
    const reply = {
      reply: "messages: [{ include: style, label: production }, { role: user, content: Hi }]\n",
    };
    expect(await push(reply)).toMatchObject([{ version: 1, created: true }]);
    await push({ style: STYLE.replace("brief", "thorough") });
    expect(await push(reply)).toMatchObject([{ version: 1, created: false }]);
    await live("style", 2, 1);
    expect((await artifactOf("reply", 1)).messages[0]).toMatchObject({ content: "Be brief." });
    expect(await push(reply)).toMatchObject([{ version: 2, created: true }]);
    expect((await artifactOf("reply", 2)).includes).toMatchObject([{ prompt: "style", number: 2 }]);
  });

  it("may be pushed together with the version that it includes", async () => {
    const pushed = await push({
      a: "messages: [{ include: b@1 }]\n",
      b: "messages: [{ include: c@1 }]\n",
      c: STYLE,
    });
    expect(pushed.map(({ prompt }) => prompt)).toEqual(["c", "b", "a"]);
    expect((await artifactOf("a", 1)).messages).toEqual([{ role: "system", content: "Be brief." }]);
  });

  it("is refused where files include each other in a circle, and nothing is pushed", async () => {
    const circle = { a: "messages: [{ include: b@1 }]\n", b: "messages: [{ include: c@1 }]\n" };
    await expect(push({ ...circle, c: "messages: [{ include: a@1 }]\n" })).rejects.toThrow(
      /c\.yaml:3:23: includes itself: a -> b -> c -> a$/,
    );
    await expect(push({ a: "messages: [{ include: a@1 }]\n" })).rejects.toThrow("includes itself: a -> a");
    await expect(requireVersion(db, { prompt: "a" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("is refused where a version brings an older one of itself along", async () => {
    await push({ a: STYLE, b: "messages: [{ include: a@1 }]\n", c: "messages: [{ include: b@1 }]\n" });
    await expect(push({ a: "messages: [{ include: c@1 }]\n" })).rejects.toThrow(
      "includes itself: a -> c@1 -> b@1 -> a@1",
    );
  });

  it.each([
    ["{ include: styel@1 }", /a\.yaml:3:23: include: there is no prompt "styel"; did you mean "style"\?/],
    ["{ include: style@7 }", /a\.yaml:3:23: include: style@7 does not exist; the newest version is style@1/],
    ["{ include: style, label: staging }", /include: label staging serves no version of style; name one/],
    ["{ include: other@1 }", /include other@1: is written in mustache, and this file in jinja/],
  ])("is refused where it cannot be found or does not fit: %s", async (entry, problem) => {
    await push({ style: STYLE, other: `syntax: mustache\n${STYLE}` });
    await expect(push({ a: `messages: [${entry}]\n` })).rejects.toThrow(problem);
  });

  it("is tested whole before it is pushed", async () => {
    await push({ style: STYLE });
    const path = join(folder, "reply.yaml");
    await writeFile(
      path,
      "name: reply\nmodel: openai/m\nmessages: [{ include: style@1 }, { role: user, content: Hi }]\n",
    );
    const dataset = join(folder, "cases.yaml");
    await writeFile(dataset, "- vars: {}\n  assert: [{ type: contains, value: x }]\n");
    const planned = await planEvaluation(
      {
        subject: path,
        datasetFile: dataset,
        limits: {},
        scope: (prompt) => scopeColumns({ label: "production", prompt }),
      },
      { versions: versionsIn(db), withDatabase: (work) => work(db) },
    );
    expect(planned).toMatchObject({
      candidate: { artifact: { messages: [{ role: "system", content: "Be brief." }, { role: "user" }] } },
    });
  });
});

describe("the uses of a prompt", () => {
  it("are the versions that have it in them, directly or by way of others, with where they are live", async () => {
    await push({ style: STYLE, middle: "messages: [{ include: style@1 }]\n" });
    await push({ top: "messages: [{ include: middle@1 }]\n", plain: STYLE });
    await live("top", 1, 0);
    expect(await listUses(db, "style")).toMatchObject([
      { prompt: "middle", version: 1, includes: "style@1", via: null, live: [] },
      { prompt: "top", version: 1, includes: "style@1", via: "middle@1", live: ["production"] },
    ]);
    expect(await listUses(db, "plain")).toEqual([]);
  });

  const NEWER = `variables: { tone: { type: string, required: true } }
messages: [{ role: system, content: "Be {{ tone }}." }]
`;

  it("says of a newer one who would notice: what includes it, level by level, and the callers of that", async () => {
    await push({ style: STYLE, middle: "messages: [{ include: style@1 }]\n" });
    await push({
      top: "messages: [{ include: middle@1 }, { role: user, content: Hi }]\n",
      strange:
        "variables: { tone: { type: list } }\nmessages: [{ include: style@1 }, { role: user, content: '{{ tone[0] }}' }]\n",
    });
    await live("top", 1, 0);
    await push({ style: NEWER });
    const web = { service: "web", sends: [{ label: "production", prompt: "top", calls: 3, values: [] }] };
    await sql`select sluice.report_callers(${JSON.stringify(web)}::jsonb)`.execute(db);
    const impact = await reportImpact(db, { of: { prompt: "style", number: 2 } });
    expect(impact).toMatchObject({ prompt: "style", version: 2, callers: 0, breaks: [] });
    expect(impact.dependants).toMatchObject([
      { prompt: "middle", level: 1, via: null, includes: "style@1", live: [], problem: null, breaks: [] },
      {
        prompt: "strange",
        level: 1,
        tokensAfter: null,
        problem: expect.stringContaining("declares variable"),
      },
      {
        prompt: "top",
        level: 2,
        via: "middle",
        includes: "middle@1",
        live: ["production"],
        breaks: [
          { severity: "error", part: "variables.tone", message: expect.stringMatching(/^web .*"tone"/) },
        ],
      },
    ]);
    const file = {
      text: `name: style\nmodel: openai/gpt-5-mini\n${STYLE.replace("brief", "kind")}`,
      name: "f",
    };
    const { version, dependants } = await reportImpact(db, { of: file });
    expect([version, dependants.flatMap(({ breaks, problem }) => [...breaks, problem])]).toEqual([
      null,
      [null, null, null],
    ]);
  });

  it("are stale once there is a newer one, until they are made anew", async () => {
    const style = { style: STYLE };
    await push(style);
    await push({ reply: "messages: [{ include: style@1 }, { role: user, content: Hi }]\n", plain: STYLE });
    const stale = async () =>
      (await listPrompts(db, { stale: true, archived: false })).prompts.map(({ prompt, newest }) => [
        prompt,
        newest!.staleIncludes,
      ]);
    expect(await stale()).toEqual([]);
    await push({ style: STYLE.replace("brief", "kind") });
    expect(await stale()).toEqual([["reply", [{ prompt: "style", version: 1, newest: 2 }]]]);
    const [seen] = await listVersions(db, { prompt: "reply" }, { prompts: ["reply"] });
    expect(seen!.staleIncludes).toEqual([]);
    await push({ reply: "messages: [{ include: style@2 }, { role: user, content: Hi }]\n" });
    expect(await stale()).toEqual([]);
  });

  it("asks the store as often for many dependants as for a few", async () => {
    await push({ style: STYLE });
    let asked = 0;
    const counting = db.withPlugin({
      transformQuery: ({ node }) => {
        asked++;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    /** How many questions it takes, and how many dependants it tells of. */
    const questions = async (): Promise<readonly [number, number]> => {
      asked = 0;
      const { dependants } = await reportImpact(counting, { of: { prompt: "style", number: 1 } });
      return [asked, dependants.length];
    };
    const levels = async (name: string) => {
      let included = "style";
      for (let level = 1; level <= 5; level++) {
        const prompt = `${name}-${level}`;
        await push({ [prompt]: `messages: [{ include: ${included}@1 }, { role: user, content: Hi }]\n` });
        const sends = [{ label: "production", prompt, calls: 3, values: [] }];
        await sql`select sluice.report_callers(${JSON.stringify({ service: "web", sends })}::jsonb)`.execute(
          db,
        );
        included = prompt;
      }
    };
    await levels("a");
    const few = await questions();
    expect(few[1]).toBe(5);
    await levels("b");
    await levels("c");
    expect(await questions()).toEqual([few[0], 15]);
  });

  it("is not rolled out where callers of its label would fail, unless that is meant, which is kept", async () => {
    await push({ style: STYLE });
    await live("style", 1, 0);
    await push({ style: NEWER });
    const style = await requireVersion(db, { prompt: "style" });
    const scope = scopeColumns({ label: "production", prompt: "style" });
    const start = { scope, prompt: "style", number: 2, by: null };
    expect(await refuseBrokenCallers(db, style, start)).toBe(start);
    for (const [label, service] of ["staging:batch", "production:web"].map((one) => one.split(":"))) {
      const sends = [{ label, prompt: "style", calls: 3, values: [] }];
      await sql`select sluice.report_callers(${JSON.stringify({ service, sends })}::jsonb)`.execute(db);
    }
    await expect(refuseBrokenCallers(db, style, start)).rejects.toThrow(
      /^live callers would fail: web \(production, 3 calls, [^;]*\) does not send "tone", which is required\. .*--force/,
    );
    const forced = await refuseBrokenCallers(db, style, { ...start, force: true });
    expect(forced.despite).toEqual([expect.stringContaining("web (production, 3 calls")]);
  });
});
