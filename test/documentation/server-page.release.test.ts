import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCommandBench, type CommandBench } from "../cli/command-bench.ts";
import { withDatabase } from "../../src/storage/database.ts";
import { parseSnapshot } from "../../src/resolver/snapshot/snapshot-file.ts";
import type { Running } from "../cli/run-sluice.ts";
import { openShell } from "../support/shell.ts";
import { codeBlocks, ROOT } from "./markdown.ts";

const PAGE = "docs/reference/server.md";
const PROMPT = `name: refund-help
model: openai/gpt-5.4-mini
messages:
  - { role: user, content: "{{ question }}" }
variables:
  question: { type: string, required: true }
`;
const [starting, withoutLibrary, authoring, trying, evaluating, operating, rollingOut, building] = codeBlocks(
  PAGE,
).filter(({ language }) => language === "sh");

/** What the README has typed after this heading. */
const [settingUp, firstVersion, serving, canary, back] = codeBlocks(
  "README.md",
  "The same by curl alone",
).filter(({ language }) => language === "sh");

let bench: CommandBench;
let server: Running | undefined;
let url: string;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  for (const [revision, model] of ["gpt-5.4", "gpt-5.4-mini"].entries()) {
    await bench.file("refund-help.yaml", PROMPT.replace("gpt-5.4-mini", model));
    await bench.json(["push", "refund-help.yaml"]);
    const set = ["--expected-revision", String(revision), "--reason", "by hand", "--force"];
    await bench.json(["pointers", "set", `refund-help@${revision + 1}`, ...set]);
  }
});
afterAll(async () => {
  server?.child.kill("SIGTERM");
  await server?.ended;
  await bench.close();
});

it("the server's page can be followed: a key, the server, a prompt rendered, its outcome sent, a version pushed, tried and evaluated, another taken back, a rollout started, and a bundle fetched by curl alone", async () => {
  const [create, serve] = starting!.text
    .trim()
    .split("\n")
    .map((line) => line.split(" ").slice(1));
  expect(serve).toEqual(["server"]);
  const { key } = await bench.json<{ key: string }>(create!);
  // Any free port, in place of the one that the page names.
  server = bench.start([...serve!, "--listen", "0"]);
  url = await server.said(/http:\/\/127\.0\.0\.1:\d+/);

  const [resolving, recording] = withoutLibrary!.text.split(/^(?=curl )/m);
  const shell = openShell(bench.folder, { env: { SLUICE_URL: url, SLUICE_KEY: key } });
  const resolved = await shell.type(resolving!);
  expect(resolved.code).toBe(0);
  const { version, token, request } = JSON.parse(resolved.said);
  expect({ version, request }).toMatchObject({
    version: 2,
    request: { messages: [{ role: "user", content: "When is my money back?" }] },
  });
  const recorded = await shell.type(recording!.replace("sluice1.…", token));

  const editor = await bench.json<{ key: string }>(["keys", "create", "--name", "ann", "--role", "editor"]);
  await bench.file("refund-help.yaml", PROMPT.replace("{{ question }}", "Briefly: {{ question }}"));
  const asEditor = (text: string) => shell.type(`export SLUICE_EDITOR_KEY=${editor.key}\n${text}`);
  const pushed = await asEditor(authoring!.text);
  expect(JSON.parse(pushed.said)).toMatchObject({ prompt: "refund-help", version: 3, created: true });
  const tried = await asEditor(trying!.text);
  expect(tried.said).toMatch(/event: start[^]*event: text[^]*event: end/);
  const evaluated = await asEditor(evaluating!.text);
  expect(JSON.parse(evaluated.said)).toMatchObject({
    candidate: "refund-help@3",
    baseline: "refund-help@2",
    cases: 1,
  });
  const back = await asEditor(operating!.text);
  expect(JSON.parse(back.said)).toMatchObject({
    prompt: "refund-help",
    changed: true,
    serves: "refund-help@1",
  });
  const started = await asEditor(rollingOut!.text);
  expect(JSON.parse(started.said)).toMatchObject({
    candidate: "refund-help@3",
    requestId: "ci-4711",
    needsApproval: false,
  });
  await shell.type(building!.text);
  expect(parseSnapshot(await readFile(join(bench.folder, "prompts.json"), "utf8"))).toMatchObject({
    versions: [{ prompt: "refund-help", number: 1 }],
  });
  await shell.close();
  expect({ ...recorded, said: JSON.parse(recorded.said) }).toMatchObject({
    code: 0,
    said: { outcomes: 1, refusedItems: [] },
  });
  const usage = await bench.until<{ versions: { executions: number }[] }>(
    ["usage", "refund-help"],
    ({ versions }) => versions.some(({ executions }) => executions === 1),
  );
  expect(usage.versions.reduce((sum, { executions }) => sum + executions, 0)).toBe(1);
});

it("the README's canary by curl alone goes as it is told: pushed, rolled out, resolved, rendered, rated, watched until it is promoted, and taken back", async () => {
  const { key } = await bench.json<{ key: string }>(
    "keys create --name curl --role admin --owner anna".split(" "),
  );
  await mkdir(join(bench.folder, ".sluice"), { recursive: true });
  await writeFile(
    join(bench.folder, ".sluice", "dev.json"),
    JSON.stringify({ serverUrl: url, serverKey: key }),
  );
  const shell = openShell(bench.folder, { prelude: settingUp!.text });
  const typed = async (text: string) => {
    const { code, said } = await shell.type(text);
    expect(code, said).toBe(0);
    return said;
  };
  const first = await typed(firstVersion!.text);
  expect(first).toContain('"prompt":"teapot-help","version":1,');
  expect(first).toMatch(/event: end\ndata: \{.*"outcome":"promoted"/);

  const [resolved, rendered] = (await typed(serving!.text)).trim().split("\n").flatMap(documents);
  expect(resolved).toMatchObject({
    version: 1,
    request: { messages: [{}, { content: expect.stringContaining("Refund?") }] },
  });
  expect(rendered).toMatchObject({
    version: 1,
    request: { messages: [{}, { content: expect.stringContaining("By when?") }] },
  });

  const watched = await typed(canary!.text);
  expect(watched).toContain('"phase":"canary"');
  expect(watched).toMatch(/event: end\ndata: \{.*"outcome":"promoted"/);

  const [undone, audit] = documents((await typed(back!.text)).trim());
  expect(undone).toMatchObject({ changed: true, serves: "teapot-help@1" });
  expect((audit as { items: object[] }).items).toContainEqual(
    expect.objectContaining({
      action: "rolled_back",
      reason: "trying it out",
      principal: expect.objectContaining({ name: "anna" }),
    }),
  );
  await shell.close();
});

it("the guides for Python and for functions go as they are told: asked by curl, answered and rated, with the server away too, and recorded before a function ends", async () => {
  const { key } = await bench.json<{ key: string }>("keys create --name guides --role resolver".split(" "));
  const tours = join(ROOT, ".sluice", "tours");
  await mkdir(tours, { recursive: true });
  // Below the checkout, so that the function finds the library by its name.
  const folder = await mkdtemp(join(tours, "guides-"));
  const blocks = ["python-and-curl", "serverless"].flatMap((page) => codeBlocks(`docs/guides/${page}.md`));
  for (const { file, text } of blocks) if (file) await writeFile(join(folder, file), text);
  const { OPENAI_BASE_URL, OPENAI_API_KEY } = bench.env;
  const env = {
    SLUICE_URL: url,
    SLUICE_KEY: key,
    OPENAI_BASE_URL: OPENAI_BASE_URL!,
    OPENAI_API_KEY: OPENAI_API_KEY!,
  };
  const shell = openShell(folder, { env: { ...env, SLUICE_SOURCE: url.replace("//", `//${key}@`) } });
  try {
    const curl = await shell.type(blocks.find(({ text }) => text.startsWith("curl"))!.text);
    expect(JSON.parse(curl.said)).toMatchObject({ token: expect.stringMatching(/^sluice1\./), request: {} });
    const answered = await shell.type("python3 service.py");
    expect(answered).toMatchObject({ code: 0, said: expect.not.stringContaining("not recorded") });
    const away = await shell.type("SLUICE_URL=http://127.0.0.1:9 python3 service.py");
    expect(away, away.said).toMatchObject({ code: 0 });
    // Ended at once, as an instance is that is frozen and never asked again.
    const call = `const { handler } = await import("./handler.mjs");
      console.log(JSON.stringify(await handler({ userId: "user-2", question: "Refund?" })));
      process.exit(0);`;
    const handled = await shell.type(
      `'${process.execPath}' --conditions=source --input-type=module --eval '${call}'`,
    );
    expect(JSON.parse(handled.said)).toMatchObject({ source: "memory", messages: [{ role: "user" }] });
  } finally {
    await shell.close();
    await rm(folder, { recursive: true, force: true });
  }
  const { rows } = await withDatabase(bench.env["DATABASE_URL"]!, (db) =>
    sql<{ metrics: object }>`select metrics from sluice.outcomes`.execute(db),
  );
  expect(rows.map(({ metrics }) => metrics)).toEqual(
    expect.arrayContaining([{ error: 0, latency_ms: expect.any(Number) }, { rating: 5 }, { error: 0 }]),
  );
});

/** JSON documents that stand one behind the other, as curl prints them. */
function documents(text: string): unknown[] {
  return JSON.parse(`[${text.replaceAll("}{", "},{")}]`) as unknown[];
}
