import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LangfuseClient } from "@langfuse/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createSluice,
  type Imported,
  type ImportRequest,
  type ListedPrompt,
  type ListedVersion,
  type Sluice,
  type SluiceError,
} from "../../src/index.ts";
import { codeBlocks } from "../documentation/markdown.ts";
import { openServer, type ServerBench } from "../server/support/server-bench.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { runSluice } from "./run-sluice.ts";

/** What each command of the page does, in its order. */
const [dryRun, importing, releasing, looking, fromFile, between] = codeBlocks(
  "docs/reference/moving-from-langfuse.md",
)
  .filter(({ language }) => language === "sh")
  .map(({ text }) =>
    text
      .trim()
      .split("\n")
      .map((line) => line.split(" > ")[0]!.split(" ").slice(1)),
  );

interface LangfuseKeys {
  readonly url: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Stands for Langfuse: a server that answers as it does, filled by its own client. */
let there: ServerBench;
let langfuse: LangfuseKeys;
let here: ServerBench;
let key: string;
/** The same store through both doors. */
let server: Sluice;
let database: Sluice;
let another: TestDatabase;
let folder: string;
beforeAll(async () => {
  const limits = { write: 10_000, read: 10_000 };
  [there, here, another] = await Promise.all([
    openServer({ limits }),
    openServer({ limits }),
    createTestDatabase(),
  ]);
  folder = await mkdtemp(join(tmpdir(), "sluice-exchange-"));
  langfuse = keysOf(there.server.url, await there.key({ role: "admin" }));
  key = await here.key({ role: "admin", owner: "anna" });
  server = createSluice({ url: here.server.url, key });
  database = createSluice({ databaseUrl: here.store.url, actor: "anna" });
  const client = clientOf(langfuse);
  const refund = {
    name: "support/refund",
    tags: ["support"],
    config: { model: "gpt-5.4-mini", temperature: 0.2 },
  };
  await client.prompt.create({ ...refund, prompt: "Refund {{ product }}?", commitMessage: "first" });
  const second = { ...refund, prompt: 'Refund {{product}}, as {{"json":1}}.\n\n', commitMessage: "as JSON" };
  await client.prompt.create({ ...second, labels: ["production", "staging"] });
  await client.prompt.create({
    name: "greeting",
    type: "chat",
    prompt: [
      { role: "system", content: "You greet {{who}}." },
      { type: "placeholder", name: "history" },
      { role: "user", content: "Hi" },
    ] as never,
    config: { model: "claude-sonnet-4-5", mine: { deep: [1, null] } },
    labels: ["beta"],
  });
});
afterAll(async () => {
  await Promise.all([server.close(), database.close()]);
  await Promise.all([there.close(), here.close(), another.drop()]);
  await rm(folder, { recursive: true, force: true });
});

const keysOf = (url: string, secretKey: string): LangfuseKeys => ({
  url,
  publicKey: secretKey.slice(0, secretKey.indexOf("_", 4)),
  secretKey,
});
const clientOf = ({ url: baseUrl, ...keys }: LangfuseKeys) => new LangfuseClient({ baseUrl, ...keys });
const file = (name: string, text: string) => writeFile(join(folder, name), text);
const pathOf = (name: string) => join(folder, name);
/** A command over the server, in a process of its own. */
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runSluice(args, {
    cwd: folder,
    env: {
      SLUICE_URL: here.server.url,
      SLUICE_KEY: key,
      LANGFUSE_BASE_URL: langfuse.url,
      LANGFUSE_PUBLIC_KEY: langfuse.publicKey,
      LANGFUSE_SECRET_KEY: langfuse.secretKey,
      ...env,
    },
  });
const document = async <T = Imported>(args: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await run([...args, "--json"]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
};
const refused = (request: ImportRequest, by: Sluice = database): Promise<SluiceError> =>
  by.importPrompts(request).then(
    (imported) => Promise.reject(new Error(`was imported: ${JSON.stringify(imported)}`)),
    (error: unknown) => error as SluiceError,
  );
const versionsOf = async (prompt: string): Promise<readonly ListedVersion[]> =>
  database.versions(prompt).catch(() => []);
const names = async (): Promise<Record<string, ListedPrompt>> =>
  Object.fromEntries((await database.list()).map((prompt) => [prompt.prompt, prompt]));
const isCreated = ({ prompts }: Imported) =>
  prompts.flatMap(({ versions }) => versions).map(({ created }) => created);

/** Answers of Langfuse's API, as they are found in a file. */
const REFUND = { name: "Rückgabe Hilfe", type: "text", config: {}, labels: [], tags: [] };
const rows = (...more: object[]) => more.map((row) => `${JSON.stringify(row)}\n`).join("");

describe("the page on moving from Langfuse", () => {
  it("can be followed: what Langfuse's client gets here afterwards is what it got there", async () => {
    const foreseen = await document(dryRun![0]!);
    expect(foreseen.prompts.map(({ prompt, versions }) => [prompt, versions.length])).toEqual([
      ["greeting", 1],
      ["support/refund", 2],
    ]);
    expect(foreseen.labelsLeft).toEqual(["beta", "production", "staging"]);
    expect(foreseen.prompts[1]!.notes).toEqual([
      '@2: {{"json":1}} is no variable here: it stays as it stands',
    ]);
    expect(await names()).toEqual({});

    const imported = await run(importing![0]!);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining("3 versions imported") });
    expect(imported.stdout).toContain("support/refund: 2 new versions");
    expect(imported.stderr).toContain("imported: 3 of 3");
    expect(Object.values(await names()).flatMap((prompt) => prompt.live)).toEqual([]);
    const [first, second] = await versionsOf("support/refund");
    expect([first!.message, second!.message]).toEqual(["first", "as JSON"]);
    expect(second!.metadata).toMatchObject({ langfuse: { name: "support/refund", version: 2 } });

    const released = await document(releasing![0]!);
    expect(isCreated(released)).toEqual([false, false, false]);
    expect(released.labels).toMatchObject([{ version: "support/refund@2", becomes: "moved" }]);
    // Whichever door it goes through, it adds nothing.
    const request = { langfuse, moveLabels: ["production"] };
    const again = await database.importPrompts(request);
    expect(again).toMatchObject({ labels: [{ becomes: "unchanged" }] });
    expect(await server.importPrompts(request)).toEqual(again);

    const clients = [clientOf(langfuse), clientOf(keysOf(here.server.url, key))] as const;
    for (const [name, version] of [
      ["support/refund", 1],
      ["support/refund", 2],
      ["greeting", 1],
    ] as const) {
      const [was, is] = await Promise.all(
        clients.map(async ({ api }) => {
          const { prompt, type, config, tags, commitMessage } = await api.prompts.get(name, { version });
          return { prompt, type, config, tags, commitMessage };
        }),
      );
      expect(is).toEqual(was);
    }
    const [was, is] = await Promise.all(clients.map(({ prompt }) => prompt.get("support/refund")));
    expect(is!.compile({ product: "a kettle" })).toBe(was!.compile({ product: "a kettle" }));

    for (const args of looking!) await document(args);
    expect(await readFile(pathOf("prompts/sluice.lock"), "utf8")).toContain("support/refund:");
    await file("langfuse.jsonl", rows({ ...REFUND, name: "from-file", version: 1, prompt: "Hi" }));
    expect(await document(fromFile![0]!)).toMatchObject({ prompts: [{ prompt: "from-file" }] });
    await file("prompts.jsonl", (await run(between![0]!)).stdout);
    expect(isCreated(await document(between![1]!))).toEqual([false, false, false, false]);
    const unset = { LANGFUSE_SECRET_KEY: "", LANGFUSE_BASE_URL: "" };
    const nowhere = await run(importing![0]!, unset);
    expect(nowhere).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("LANGFUSE_BASE_URL, LANGFUSE_SECRET_KEY"),
    });
    const half = await run([...importing![0]!, "--rename", "greeting"]);
    expect(half).toMatchObject({ code: 2, stderr: expect.stringContaining("must be OLD=NEW") });
  });

  it("leaves a protected label where it is when what it serves was not tested, and says so before and after", async () => {
    await file(
      "one.jsonl",
      rows({ ...REFUND, name: "moved-on", version: 1, prompt: "one", labels: ["production"] }),
    );
    const model = "openai/gpt-5.4-mini";
    await server.importPrompts({ file: pathOf("one.jsonl"), moveLabels: ["production"], model });
    const labels = ["production", "staging", "latest"];
    await file("next.jsonl", rows({ ...REFUND, name: "moved-on", version: 2, prompt: "two", labels }));
    const asked = { file: pathOf("next.jsonl"), model, moveLabels: ["production", "staging"] };
    const why = expect.stringContaining("roll the version of moved-on out");
    const wanted = [
      { label: "production", version: "moved-on@2", becomes: "refused", why },
      { label: "staging", version: "moved-on@2", becomes: "moved", why: null },
    ];
    for (const door of [server, database])
      expect((await door.importPrompts({ ...asked, dryRun: true })).labels).toMatchObject(wanted);
    expect(await versionsOf("moved-on")).toHaveLength(1);
    const args = ["import", "langfuse", "next.jsonl", "--model", model];
    const ran = await run([...args, "--move-label", "production", "--move-label", "staging"]);
    expect(ran).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("production -> moved-on@2: left as it is: "),
    });
    const { live } = (await names())["moved-on"]!;
    expect(live.map(({ scope, version }) => [scope, version])).toEqual([
      ["production", "moved-on@1"],
      ["staging", "moved-on@2"],
    ]);
    const [entry] = (await database.audit({ prompt: "moved-on" })).filter(({ label }) => label === "staging");
    expect(entry).toMatchObject({ reason: "moved by an import", principal: { name: "anna" } });
    const { message } = await refused({ ...asked, moveLabels: ["beta"] });
    expect(message).toBe('the label "beta" serves none of what is imported');
    // The first version that a protected label serves is a releaser's to say.
    const labelled = { ...REFUND, version: 1, prompt: "hi", labels: ["production"] };
    await file("first.jsonl", rows({ ...labelled, name: "not-yet" }));
    const first = { file: pathOf("first.jsonl"), model, moveLabels: ["production"] };
    const moved: unknown[] = [];
    for (const role of ["editor", "releaser"] as const) {
      const door = createSluice({ url: here.server.url, key: await here.key({ role }) });
      moved.push(...(await door.importPrompts(first)).labels.map(({ becomes }) => becomes));
      await door.close();
    }
    expect(moved).toEqual(["refused", "moved"]);
  });
});

describe("what cannot be taken as it is", () => {
  // Put together here, so that no scanner of this repository takes it for a real one.
  const TOKEN = ["ghp", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].join("_");
  const model = { config: { model: "gpt-5.4-mini" } };
  const ROBOT = { type: "chat", prompt: [{ role: "robot", content: "x" }] };
  const FILE = rows(
    { ...REFUND, ...model, version: 1, prompt: "one" },
    { ...REFUND, version: 4, prompt: "two" },
    { ...REFUND, version: 5, prompt: "one", ...model },
    { ...REFUND, name: "日本語", version: 1, prompt: "x", ...model },
    { ...REFUND, name: "no-model", version: 1, prompt: "x" },
    { ...REFUND, name: "robot", version: 1, ...ROBOT, ...model },
    { ...REFUND, name: "refers", version: 1, prompt: "@@@langfusePrompt:name=a|label=b@@@", ...model },
    { ...REFUND, name: "secret", version: 1, prompt: `token ${TOKEN}`, ...model },
    { ...REFUND, name: "broken", version: 1, prompt: 7 },
  );

  it("refuses all of it, with what to do about each, and is taken when that is done", async () => {
    await file("odd.jsonl", FILE);
    const odd = { file: pathOf("odd.jsonl") };
    const { problems } = await database.importPrompts({ ...odd, dryRun: true });
    expect(problems.map(({ from, version, proposedName }) => [from, version, proposedName])).toEqual([
      ["Rückgabe Hilfe", null, "ruckgabe-hilfe"],
      ["日本語", null, null],
      ["no-model", 1, null],
      ["robot", 1, null],
      ["refers", 1, null],
      ["secret", 1, null],
      ["broken", 1, null],
    ]);
    const said = problems.map(({ problem }) => problem).join("\n");
    for (const told of [
      '--rename "Rückgabe Hilfe=ruckgabe-hilfe"',
      "or say which it is: --model openai/gpt-5.4-mini",
      "robot@1: messages.0.role",
      "@@@langfusePrompt@@@",
      "what looks like a secret",
      "must be a text, or a list of messages",
    ])
      expect(said).toContain(told);
    expect(said).not.toContain(TOKEN);
    for (const door of [database, server])
      expect(await refused(odd, door)).toMatchObject({
        code: "invalid_input",
        message: expect.stringMatching(
          /^"Rückgabe Hilfe": its name .* \(and 6 more: --dry-run says all of them\); nothing was imported$/,
        ),
      });
    expect(await versionsOf("no-model")).toEqual([]);
    const dry = await run(["import", "langfuse", "odd.jsonl", "--dry-run"]);
    expect(dry).toMatchObject({ code: 1, stdout: expect.stringContaining('cannot be taken: "日本語": ') });

    const skip = ["日本語", "robot", "refers", "secret", "broken@1"];
    const how = { ...odd, takeProposedNames: true, model: "anthropic/claude-haiku-4-5", skip };
    const [hilfe, other] = (await database.importPrompts(how)).prompts;
    expect(hilfe).toEqual({
      from: "Rückgabe Hilfe",
      prompt: "ruckgabe-hilfe",
      versions: [
        { from: 1, version: 1, created: true },
        { from: 4, version: 2, created: true },
        { from: 5, version: 1, created: false },
      ],
      notes: ["@2, @3 are missing there: the numbers here have no gaps"],
    });
    expect(other).toMatchObject({ prompt: "no-model", notes: [] });
    expect((await versionsOf("no-model"))[0]!.model).toBe("anthropic/claude-haiku-4-5");
    // The model of a version that names none is that of the version before it.
    const models = (await versionsOf("ruckgabe-hilfe")).map((one) => one.model);
    expect(models).toEqual(["openai/gpt-5.4-mini", "openai/gpt-5.4-mini"]);
    const rename = { "no-model": "ruckgabe-hilfe" };
    expect(await database.importPrompts({ ...how, rename, dryRun: true })).toMatchObject({
      problems: [{ from: "no-model", problem: expect.stringContaining('would be "ruckgabe-hilfe" here') }],
    });
    const allowed = await database.importPrompts({ ...odd, prompts: ["secret"], allowSecret: "made up" });
    expect(isCreated(allowed)).toEqual([true]);
  });

  it.each<[string, ImportRequest, RegExp]>([
    ["a file that is not there", { file: "nothing.jsonl" }, /nothing\.jsonl/],
    ["a file of something else", { file: "golden.yaml" }, /golden\.yaml:1: is not valid JSON/],
    ["a JSON of something else", { file: "other.json" }, /entry 1: is neither a version as Langfuse/],
    ["a version that is there twice", { file: "twice.jsonl" }, /"a@1" is there twice/],
    ["a prompt that is not there", { prompts: ["greting"] }, /did you mean "greeting"\?/],
    ["a version that is not there", { skip: ["greeting@7"] }, /nothing called "greeting@7"/],
    ["a name that is none", { rename: { greeting: "Not A Name" } }, /prompt name "Not A Name"/],
    ["a model without a vendor", { model: "gpt" }, /provider\/model/],
  ])("says what is wrong with %s", async (_, request, said) => {
    await file("golden.yaml", "- vars: {}\n");
    await file("other.json", '[{"name": "a"}]');
    await file(
      "twice.jsonl",
      rows({ name: "a", version: 1, prompt: "" }, { name: "a", version: 1, prompt: "" }),
    );
    const from = request.file === undefined ? { langfuse } : { file: pathOf(request.file) };
    expect(await refused({ ...request, ...from })).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(said),
    });
  });

  it("says what is wrong with an address or its keys, and repeats none of them", async () => {
    const secretKey = `${langfuse.secretKey.slice(0, -1)}_`;
    const errors = await Promise.all([
      refused({ langfuse: { ...langfuse, secretKey } }),
      refused({ langfuse: { ...langfuse, url: `${langfuse.url}/nowhere` } }),
      refused({ langfuse: { ...langfuse, url: "nowhere" } }),
    ]);
    expect(errors.map(({ code }) => code)).toEqual(["forbidden", "unavailable", "invalid_input"]);
    expect(errors[0].message).toContain("does not take these keys (401)");
    expect(errors[1].message).toContain("answered 404");
    for (const { message, details } of errors)
      expect(message + JSON.stringify(details)).not.toContain(langfuse.secretKey.slice(17, -1));
  });
});

describe("what is exported", () => {
  const style = (content: string) => ({
    name: "style",
    syntax: "dollar",
    model: "openai/gpt-5.4-mini",
    messages: [{ role: "system", content }],
  });

  it("comes over to another store, includes with the versions that came with them", async () => {
    await server.push({ file: style("Be brief.") });
    await server.push({ file: style("Be kind.") });
    const answer = {
      ...style(""),
      name: "team/answer",
      description: "Answers",
      metadata: { ticket: "A-1" },
      messages: [{ include: "style@2" }, { role: "user", content: "Hi" }],
    };
    await server.push({ file: answer, message: "with style" });
    const exported = await server.exportPrompts({ prompts: ["team/answer", "style"] });
    expect(await database.exportPrompts({ prompts: ["team/answer", "style"] })).toEqual(exported);
    expect(exported.map(({ prompt, version, message }) => [prompt, version, message])).toEqual([
      ["style", 1, ""],
      ["style", 2, ""],
      ["team/answer", 1, "with style"],
    ]);
    // Its first version is left out, so the second one is the first one there.
    await file("some.jsonl", rows(...exported.slice(1)));
    const elsewhere = createSluice({ databaseUrl: another.url, actor: "ben" });
    for (const created of [true, false]) {
      const rename = { style: "house/style" };
      const { prompts } = await elsewhere.importPrompts({ file: pathOf("some.jsonl"), rename });
      expect(prompts.map(({ prompt, versions }) => [prompt, versions])).toEqual([
        ["house/style", [{ from: 2, version: 1, created }]],
        ["team/answer", [{ from: 1, version: 1, created }]],
      ]);
    }
    expect(await elsewhere.show("team/answer")).toMatchObject({
      description: "Answers",
      metadata: { ticket: "A-1" },
      artifact: {
        messages: [{ content: "Be kind." }, { content: "Hi" }],
        includes: [{ prompt: "house/style", number: 1 }],
      },
    });
    await elsewhere.close();
  });

  it("is pushed from its files unchanged, and written over nobody's", async () => {
    const args = ["export", "style", "team/answer", "--to", "written"];
    expect(await document<unknown[]>(args)).toHaveLength(2);
    const paths = ["written/style.yaml", "written/team/answer.yaml"];
    const { results } = await server.pushFiles(paths.map(pathOf));
    expect(results.map(({ prompt, version, created }) => [prompt, version, created])).toEqual([
      ["style", 2, false],
      ["team/answer", 1, false],
    ]);
    await file("written/style.yaml", "name: mine\n");
    const kept = await run(args);
    expect(kept).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("style.yaml is there and says something else"),
    });
    expect(await document(["export", "style", "--to", "written", "--overwrite"])).toMatchObject([
      { written: true },
    ]);
    expect(await server.exportPrompts({ live: "beta" })).toEqual([]);
    await expect(server.exportPrompts({ prompts: ["nothing"] })).rejects.toMatchObject({ code: "not_found" });
  });
});

it("repeats what Langfuse says, and not the JSON around it", async () => {
  const variables = { question: { type: "string", untrusted: true } } as const;
  const content = "{{ question }}";
  await there.store.addVersion(
    "mail",
    artifact("mail", { variables, messages: [{ role: "user", content }] }),
  );
  const { message } = await refused({ langfuse, prompts: ["mail"] });
  expect(message).toMatch(/ answered 400: variable "question" is untrusted.*\b/);
});
