import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { call } from "./support/checked-call.ts";
import { openServer, type ServerBench } from "./support/server-bench.ts";

/** Stands in a file, in a variable and behind an address of the server's machine, and nowhere else. */
const CANARY = `canary-${randomUUID()}`;
const VARIABLE = "SLUICE_TEST_CANARY";

let bench: ServerBench;
let admin: string;
let folder: string;
let inside: Server;
let asked = 0;
/** Ways to name something of the server's, where it would stand for a text of the caller's. */
let names: readonly string[];

beforeAll(async () => {
  const most = 1_000_000;
  bench = await openServer({ limits: { read: most, write: most, heavy: most } });
  admin = await bench.key({ role: "admin" });
  folder = await mkdtemp(join(tmpdir(), "sluice-canary-"));
  const file = join(folder, "canary.yaml");
  // Whatever it is taken for: a dataset, a policy, a prompt, a text.
  await writeFile(file, `- { vars: { q: ${CANARY} }, assert: [{ type: contains, value: ${CANARY} }] }\n`);
  await writeFile(join(folder, "canary.js"), `module.exports = () => "${CANARY}";\n`);
  vi.stubEnv(VARIABLE, CANARY);
  inside = createServer((_, response) => {
    asked++;
    response.end(CANARY);
  });
  await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/canary.yaml`;
  names = [
    file,
    relative(process.cwd(), file),
    `file://${file}`,
    `file://${join(folder, "canary.js")}`,
    `file://${join(folder, "*.yaml")}`,
    `file:${file}`,
    `@${file}`,
    "git:HEAD:package.json",
    "/proc/self/environ",
    `env:${VARIABLE}`,
    `{{ env.${VARIABLE} }}`,
    `\${${VARIABLE}}`,
    url,
    `exec:cat ${file}`,
    `langfuse://canary`,
    `{% include "${file}" %}`,
    `{% import "${file}" as x %}{{ x }}`,
  ];
  const pushed = await call(bench.server.url, "POST /v1/prompts/known/versions", {
    key: admin,
    body: { file: { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "hello" }] } },
  });
  if (pushed.status !== 201) throw new Error(JSON.stringify(pushed.body));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await bench.close();
  await new Promise((resolve) => inside.close(resolve));
  await rm(folder, { recursive: true });
});

const PROMPT = { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: "{{ q }}" }] };
const CASE = { vars: { q: "?" }, assert: [{ type: "contains", value: "x" }] };
const CANARY_POLICY = {
  metrics: { rating: { window: "1m" } },
  canary: {
    max_units: 200,
    max_duration: "1d",
    goal: { metric: "rating", direction: "higher", claim: "superior" },
  },
};
const GATE = { ...CANARY_POLICY, gate: { dataset: "golden" } };

/** Each place of what a caller sends that could stand for a file somewhere else. */
const PROMPT_FILES: readonly ((name: string) => unknown)[] = [
  (name) => name,
  (name) => ({ ...PROMPT, policy: name }),
  (name) => ({ ...PROMPT, model: name }),
  (name) => ({ ...PROMPT, description: name }),
  (name) => ({ ...PROMPT, messages: name }),
  (name) => ({ ...PROMPT, messages: [name] }),
  (name) => ({ ...PROMPT, messages: [{ role: "user", content: name }] }),
  (name) => ({ ...PROMPT, messages: [{ role: "user", content: { $ref: name } }] }),
  (name) => ({ ...PROMPT, messages: [{ $include: name }] }),
  (name) => ({ ...PROMPT, includes: { part: name } }),
  (name) => ({ ...PROMPT, output_schema: { $ref: name } }),
  (name) => ({ ...PROMPT, output_schema: { type: "object", properties: { a: { $ref: name } } } }),
  (name) => ({ ...PROMPT, tools: [{ name: "t", description: "t", parameters: { $ref: name } }] }),
  (name) => ({ ...PROMPT, examples: name }),
  (name) => ({ ...PROMPT, variables: { q: { type: "string", default: name } } }),
];
const DATASETS: readonly ((name: string) => unknown)[] = [
  (name) => name,
  (name) => [name],
  (name) => ({ $ref: name }),
  (name) => ({ cases: name }),
  (name) => ({ tests: name }),
  (name) => ({ tests: name, prompts: [name], providers: [name] }),
  (name) => [{ ...CASE, vars: name }],
  (name) => [{ ...CASE, vars: { q: name } }],
  (name) => [{ ...CASE, vars: { q: [name] } }],
  (name) => [{ ...CASE, assert: name }],
  (name) => [{ ...CASE, assert: [{ type: "contains", value: name }] }],
  (name) => [{ ...CASE, assert: [{ type: "is-json", value: name }] }],
  (name) => [{ ...CASE, assert: [{ type: "is-json", value: { $ref: name } }] }],
  (name) => [{ ...CASE, assert: [{ type: "javascript", value: name }] }],
  (name) => [{ ...CASE, assert: [{ type: "python", value: name }] }],
  (name) => [{ ...CASE, assert: [{ type: "webhook", value: name }] }],
  (name) => [{ ...CASE, assert: [{ type: "llm-rubric", value: "kind", provider: name }] }],
  (name) => [{ ...CASE, options: { transform: name, provider: name } }],
  (name) => [{ ...CASE, provider: name }],
];
const POLICIES: readonly ((name: string) => unknown)[] = [
  (name) => name,
  (name) => ({ $ref: name }),
  (name) => ({ ...CANARY_POLICY, gate: { dataset: name } }),
  (name) => ({ ...CANARY_POLICY, gate: { dataset: { $ref: name } } }),
  (name) => ({ ...GATE, gate: { dataset: "golden", judge: name } }),
  (name) => ({ ...CANARY_POLICY, notify: [{ webhook: name }] }),
  (name) => ({ ...CANARY_POLICY, notify: [{ webhook: "https://hooks.example/", secret: name }] }),
  (name) => ({ ...CANARY_POLICY, extends: name }),
];

/** Whatever takes a document, with one that names something. */
function requests(name: string): [request: string, body: unknown][] {
  const of = { prompt: "known", version: 1 };
  const evaluation = { ...of, maxCostUsd: 1 };
  return [
    ...PROMPT_FILES.map((made): [string, unknown] => [
      "POST /v1/prompts/made/versions",
      { file: made(name) },
    ]),
    ...DATASETS.flatMap((made): [string, unknown][] => [
      ["POST /v1/prompts/made/versions", { file: PROMPT, policy: GATE, dataset: made(name) }],
      ["POST /v1/rollouts", { ...of, policy: GATE, dataset: made(name) }],
      ["POST /v1/evaluations", { ...evaluation, dataset: made(name) }],
      ["POST /v1/plan", { ...of, policy: GATE, dataset: made(name) }],
    ]),
    ...POLICIES.flatMap((made): [string, unknown][] => [
      ["POST /v1/prompts/made/versions", { file: PROMPT, policy: made(name) }],
      ["POST /v1/prompts/made/versions", { file: PROMPT, policy: made(name), dataset: [CASE] }],
      ["POST /v1/rollouts", { ...of, policy: made(name) }],
      ["POST /v1/evaluations", { ...evaluation, policy: made(name), dataset: [CASE] }],
      ["POST /v1/simulations", { policy: made(name), runs: 1 }],
    ]),
    ["POST /v1/simulations", { policy: CANARY_POLICY, runs: 1, effect: [name], baseline: [name] }],
    ["POST /v1/rollouts", { prompt: name, version: 1 }],
    ["POST /v1/rollbacks", { prompt: "known", reason: "worse", to: name }],
    ["POST /v1/resolve", { prompt: name }],
    [
      "POST /v1/resolve",
      { prompt: "known", version: 1, variables: { q: name }, history: [{ role: "user", content: name }] },
    ],
    ["POST /v1/keys", { name, role: "viewer", grants: { prompts: [name] } }],
    [`GET /v1/diff?from=${encodeURIComponent(name)}&to=known@1`, undefined],
    [`GET /v1/prompts/${encodeURIComponent(name)}/versions/1?as=file`, undefined],
    [`GET /v1/bundle?prefix=${encodeURIComponent(name)}`, undefined],
  ];
}

/** All that was kept of what was sent. */
async function kept(): Promise<string> {
  const tables = [
    "versions",
    "prompts",
    "documents",
    "evaluations",
    "rollouts",
    "audit",
    "operations",
    "labels",
  ];
  const rows = await Promise.all(tables.map((table) => bench.store.query(`select * from sluice.${table}`)));
  return JSON.stringify(rows);
}

describe("what a caller sends", () => {
  it("stands for itself alone: no file, variable, repository or address of the server's is looked at", async () => {
    const statuses = new Map<number, number>();
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => void warnings.push(message);
    process.on("warning", onWarning);
    for (const name of names)
      for (const [request, body] of requests(name)) {
        const called = await call(bench.server.url, request, { key: admin, body });
        const what = `${request} ${JSON.stringify(body)}`;
        statuses.set(called.status, (statuses.get(called.status) ?? 0) + 1);
        expect(JSON.stringify(called.body), what).not.toContain(CANARY);
        expect([200, 201, 202, 400, 403, 404, 409, 422, 503], what).toContain(called.status);
      }
    // Both what is refused and what is taken for a text was tried.
    expect(statuses.get(400)).toBeGreaterThan(100);
    expect(statuses.get(201)).toBeGreaterThan(10);
    expect(await kept()).not.toContain(CANARY);
    expect(bench.log.join("\n")).not.toContain(CANARY);
    expect(asked).toBe(0);
    // Libraries warn on stderr, past the log.
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  }, 300_000);

  it.each([
    ["a bomb of anchors", bomb()],
    ["a mapping that holds itself", "model: openai/x\nmessages: &m [*m]\n"],
    ["a tag of JavaScript", "model: !!js/function 'function () { return process.env }'\nmessages: []\n"],
    ["a tag of Python", "model: !!python/object/apply:os.system ['id']\nmessages: []\n"],
    ["a merge of itself", "model: openai/x\nvariables: &v { q: { <<: *v } }\nmessages: []\n"],
    ["a thousand levels", `model: openai/x\nmessages: ${"[".repeat(1_000)}${"]".repeat(1_000)}\n`],
  ])("in YAML with %s is refused in one line, and the server goes on", async (_, text) => {
    const called = await call(bench.server.url, "POST /v1/prompts/bomb/versions", {
      key: admin,
      body: text,
      headers: { "content-type": "application/yaml" },
    });
    expect(called).toMatchObject({ status: 400, body: { error: { code: "invalid_input" } } });
    expect(called.body.detail).not.toContain("\n");
    expect((await call(bench.server.url, "GET /healthz")).status).toBe(200);
    expect((await call(bench.server.url, "GET /v1/prompts/bomb/versions", { key: admin })).status).toBe(404);
  });
});

/** A billion texts, each written ten times in the one before. */
function bomb(): string {
  const lines = ["x0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"];
  for (let level = 1; level < 10; level++)
    lines.push(`x${level}: &x${level} [${Array.from({ length: 10 }, () => `*x${level - 1}`).join(", ")}]`);
  return `${lines.join("\n")}\nmodel: openai/x\nmessages: *x9\n`;
}
