import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Imports that each rule must catch: the rule, the file, what it says. Each file breaks that rule alone. */
const SEEDED: readonly [rule: string, file: string, code: string][] = [
  ["pure-rooms-import-only-each-other", "src/domain/impure.ts", `import "../config.ts";`],
  ["pure-rooms-import-only-each-other", "src/domain/hashing.ts", `import "../digest.ts";`],
  ["pure-rooms-import-only-each-other", "src/templates/impure.ts", `import "../storage/read/live.ts";`],
  ["pure-rooms-import-only-each-other", "src/statistics/impure.ts", `import "lru-cache";`],
  [
    "pure-rooms-import-only-each-other",
    "src/domain/typed.ts",
    `import type { Live } from "../storage/read/live.ts"; export type Mine = Live;`,
  ],
  ["pure-rooms-without-node", "src/domain/files.ts", `import "node:fs";`],
  ["pure-rooms-without-node", "src/templates/random.ts", `import "node:crypto";`],
  ["pure-rooms-without-node", "src/statistics/clock.ts", `import "perf_hooks";`],
  ["workflows-import-domain-and-sdk", "workflows/reads.ts", `import "../src/storage/read/live.ts";`],
  ["workflows-import-domain-and-sdk", "workflows/hashes.ts", `import "../src/digest.ts";`],
  ["workflows-import-domain-and-sdk", "workflows/counts.ts", `import "../src/statistics/welch.ts";`],
  ["workflows-import-domain-and-sdk", "workflows/node.ts", `import "node:crypto";`],
  ["workflows-import-domain-and-sdk", "workflows/client.ts", `import "@temporalio/client";`],
  ["protocol-imports-domain", "src/protocol/computes.ts", `import "../statistics/welch.ts";`],
  [
    "workflows-import-activities-as-types",
    "workflows/calls.ts",
    `import { move } from "../activities/pointers.ts"; move();`,
  ],
  ["storage-writes-behind-verbs", "src/cli/writes.ts", `import "../storage/write/pointer.ts";`],
  ["storage-writes-behind-verbs", "src/storage/read/writes.ts", `import "../write/pointer.ts";`],
  ["storage-writes-behind-verbs", "workers/writes.ts", `import "../src/storage/write/pointer.ts";`],
  ["resolver-imports-domain-and-templates", "src/resolver/counts.ts", `import "../statistics/welch.ts";`],
  ["resolver-imports-domain-and-templates", "src/resolver/configured.ts", `import "../config.ts";`],
  [
    "resolver-imports-domain-and-templates",
    "src/resolver/sources/stored.ts",
    `import "../../storage/read/live.ts";`,
  ],
  ["invoke-stands-on-resolver-and-providers", "src/invoke/stored.ts", `import "../storage/read/live.ts";`],
  ["sql-only-in-storage", "src/cli/query.ts", `import "pg";`],
  ["sql-only-in-storage", "src/resolver/query.ts", `import "pg";`],
  ["sql-only-in-storage", "activities/query.ts", `import "kysely";`],
  [
    "sql-only-in-storage",
    "src/use-cases/query.ts",
    `import type { Kysely } from "kysely"; export type Db = Kysely;`,
  ],
  ["temporal-only-in-its-rooms", "src/cli/connects.ts", `import "@temporalio/client";`],
  [
    "temporal-only-in-its-rooms",
    "src/use-cases/connects.ts",
    `export const later = () => import("@temporalio/client");`,
  ],
  ["vendor-sdks-only-in-providers", "src/evaluation/calls.ts", `import "openai";`],
  ["vendor-sdks-only-in-providers", "activities/calls.ts", `import "@anthropic-ai/sdk";`],
  ["http-stack-only-in-server", "src/cli/listens.ts", `import "fastify";`],
  ["http-stack-only-in-server", "src/use-cases/signs.ts", `import "jose";`],
  ["server-stands-on-verbs", "src/server/prints.ts", `import "../cli/main-page.ts";`],
  ["server-stands-on-verbs", "src/server/configured.ts", `import "../config.ts";`],
  ["storage-writes-behind-verbs", "src/server/writes.ts", `import "../storage/write/pointer.ts";`],
  ["server-reads-no-named-files", "src/server/reads.ts", `import "../use-cases/load-policy.ts";`],
  ["server-only-for-the-command-line", "src/use-cases/serves.ts", `import "../server/start-server.ts";`],
  [
    "server-only-for-the-command-line",
    "src/local/later.ts",
    `export const s = () => import("../server/start-server.ts");`,
  ],
  ["web-runs-in-a-browser", "src/web/reads.tsx", `import "node:fs";`],
  ["web-runs-in-a-browser", "src/web/draws.tsx", `import "lru-cache";`],
  ["web-imports-pure-rooms", "src/web/queries.ts", `import "../storage/read/live.ts";`],
  ["web-imports-pure-rooms", "src/web/digests.ts", `import "../digest.ts";`],
  ["web-knows-the-contract-as-types", "src/web/checks.ts", `import "../server/contract/paging.ts";`],
  ["nobody-imports-web", "src/cli/draws.ts", `import "../web/route.ts";`],
  ["server-is-loaded-late", "src/cli/serves.ts", `import "../server/start-server.ts";`],
  [
    "use-cases-and-temporal-below-what-runs-them",
    "src/use-cases/calls.ts",
    `import "../../activities/pointers.ts";`,
  ],
  [
    "use-cases-and-temporal-below-what-runs-them",
    "src/temporal/types.ts",
    `import type { M } from "../../workflows/rollout.ts"; export type Mine = M;`,
  ],
  ["temporal-below-use-cases", "src/temporal/upward.ts", `import "../use-cases/start.ts";`],
  ["demo-below-cli", "src/demo/run-chapters.ts", `import "../cli/page.ts";`],
  ["demo-below-cli", "src/terminal/output.ts", `import "../cli/page.ts";`],
  ["local-below-config", "src/local/stack/stack.ts", `import "../../config.ts";`],
  ["assertions-below-grading", "src/evaluation/grading/assertions/rubric.ts", `import "../grade-answer.ts";`],
  ["grading-below-evaluation", "src/evaluation/grading/cases.ts", `import "../dataset/dataset.ts";`],
  [
    "dataset-below-promptfoo",
    "src/evaluation/dataset/parse-dataset.ts",
    `import "../promptfoo/config-schema.ts";`,
  ],
  ["running-below-verdict", "src/evaluation/running/run-case.ts", `import "../verdict/report.ts";`],
  ["client-below-what-runs-it", "src/client/prints.ts", `import "../cli/main-page.ts";`],
  [
    "client-over-http-without-a-database",
    "src/client/http/stored.ts",
    `import "../../storage/read/live.ts";`,
  ],
  ["gitops-through-either-door", "src/gitops/reads.ts", `import "../storage/read/live.ts";`],
  ["nobody-imports-workers", "src/cli/bundles.ts", `import "../../workers/bundle.ts";`],
  ["nobody-imports-a-main", "workers/starts.ts", `import "./main.ts";`],
  ["nobody-imports-a-main", "src/local/starts.ts", `import "../cli/main.ts";`],
  ["no-cycles", "src/use-cases/chicken.ts", `import "./egg.ts"; export type Chicken = 1;`],
  [
    "digest-is-a-leaf",
    "src/digest.ts",
    `import "node:crypto"; import "./domain/scope.ts"; import "./config.ts";`,
  ],
  ["product-without-tests", "src/local/leans.ts", `import "../../test/support/fixture.ts";`],
  ["only-declared-dependencies", "src/local/undeclared.ts", `import "lodash";`],
  ["only-declared-dependencies", "src/local/development.ts", `import "vitest";`],
  ["everything-resolves", "src/local/lost.ts", `import "./nowhere.ts";`],
];

/** Longer ways round, where one file is at fault and another is caught as well. */
const CHAINS: readonly [file: string, code: string, caught: readonly string[]][] = [
  ["src/domain/deep.ts", `import "../temporal/connect.ts";`, ["pure-rooms-import-only-each-other"]],
  ["src/resolver/deep.ts", `import "../domain/deep.ts";`, ["resolver-never-reaches-temporal"]],
  ["src/invoke/deep.ts", `import "../domain/deep.ts";`, ["invoke-never-reaches-temporal"]],
  // A cycle is reported once, where it is met first: in chicken.ts.
  ["src/use-cases/egg.ts", `import type { Chicken } from "./chicken.ts"; export type Egg = Chicken;`, []],
];

/** The house as it should be: none of these imports may be caught. */
const ALLOWED: readonly [file: string, code: string][] = [
  ["src/domain/scope.ts", `import "valibot"; import "canonicalize"; import "./errors.ts";`],
  ["src/domain/errors.ts", `export const code = 1;`],
  ["src/templates/compile.ts", `import "../domain/scope.ts"; import "js-tiktoken";`],
  ["src/statistics/welch.ts", `import "../domain/errors.ts"; import "@stdlib/stats-base-dists-t-cdf";`],
  ["src/protocol/messages.ts", `import "../domain/scope.ts"; export type Start = 1;`],
  ["src/config.ts", `import "node:fs"; import "./local/machine.ts";`],
  ["src/storage/database.ts", `import "pg"; import "kysely";`],
  [
    "src/storage/read/live.ts",
    `import "../database.ts"; import "../../digest.ts"; export type Live = number;`,
  ],
  ["src/storage/write/pointer.ts", `import "../database.ts";`],
  [
    "src/resolver/index.ts",
    `import "../templates/compile.ts"; import "../digest.ts"; import "lru-cache"; import "./sources/postgres.ts";`,
  ],
  ["src/resolver/sources/postgres.ts", `import "pg"; import "../../domain/scope.ts";`],
  ["src/evaluation/grading/grade-answer.ts", `import "./assertions/regex.ts"; import "../sandbox/run.ts";`],
  ["src/evaluation/grading/assertions/regex.ts", `import "re2js"; import "../../sandbox/run.ts";`],
  ["src/evaluation/sandbox/run.ts", `export const run = 1;`],
  ["src/evaluation/dataset/dataset.ts", `import "../grading/assertions/regex.ts";`],
  ["src/evaluation/promptfoo/config-schema.ts", `import "../dataset/dataset.ts";`],
  ["src/evaluation/verdict/report.ts", `import "../running/plan.ts";`],
  ["src/evaluation/running/plan.ts", `import "../dataset/dataset.ts"; import "../grading/grade-answer.ts";`],
  ["src/cli/page.ts", `import "../demo/view.ts";`],
  ["src/demo/view.ts", `import "../local/machine.ts";`],
  ["src/local/machine.ts", `export type Machine = 1;`],
  ["src/providers/protocols/openai.ts", `import "openai"; import "@anthropic-ai/sdk";`],
  ["src/temporal/connect.ts", `import "@temporalio/client";`],
  ["src/use-cases/start.ts", `import "../temporal/connect.ts"; import "../storage/write/pointer.ts";`],
  ["src/use-cases/load-policy.ts", `import "node:fs";`],
  ["src/cli/main-page.ts", `export const page = 1;`],
  [
    "src/server/start-server.ts",
    `import "fastify"; import "../use-cases/start.ts"; import "../storage/read/live.ts"; import "../resolver/index.ts"; import "../domain/scope.ts"; import "../digest.ts";`,
  ],
  ["src/server/contract/paging.ts", `import "valibot"; export type Page = 1;`],
  [
    "src/web/route.ts",
    `import "preact"; import "../domain/scope.ts"; import "../statistics/welch.ts"; import type { Page } from "../server/contract/paging.ts"; export type P = Page;`,
  ],
  ["src/cli/server.ts", `export const run = () => import("../server/start-server.ts");`],
  ["src/cli/main.ts", `export const run = () => import("../use-cases/start.ts");`],
  [
    "activities/pointers.ts",
    `import "@temporalio/activity"; import "../src/storage/write/pointer.ts"; export const move = () => 1;`,
  ],
  [
    "workflows/rollout.ts",
    `import "@temporalio/workflow"; import "../src/domain/scope.ts"; import "../src/protocol/messages.ts"; import type { move } from "../activities/pointers.ts"; export type M = typeof move;`,
  ],
  [
    "workers/bundle.ts",
    `import "@temporalio/worker"; import "../workflows/rollout.ts"; import "../activities/pointers.ts";`,
  ],
  ["workers/main.ts", `import "./bundle.ts"; import "../src/config.ts";`],
  ["test/support/fixture.ts", `import "../../src/storage/write/pointer.ts";`],
];

const DECLARED = [
  "@anthropic-ai/sdk",
  "@stdlib/stats-base-dists-t-cdf",
  "@temporalio/activity",
  "@temporalio/client",
  "@temporalio/worker",
  "@temporalio/workflow",
  "canonicalize",
  "fastify",
  "jose",
  "js-tiktoken",
  "kysely",
  "lru-cache",
  "openai",
  "pg",
  "re2js",
  "valibot",
];

interface Report {
  readonly rules: readonly { readonly name: string; readonly severity: string }[];
  readonly violations: readonly { readonly rule: string; readonly from: string }[];
}

let house: string;
let report: Report;

beforeAll(async () => {
  house = await mkdtemp(path.join(tmpdir(), "sluice-house-"));
  await copyFile(path.join(ROOT, ".dependency-cruiser.mjs"), path.join(house, ".dependency-cruiser.mjs"));
  const manifest = { dependencies: anyVersion(DECLARED), devDependencies: anyVersion(["vitest", "preact"]) };
  await write("package.json", JSON.stringify(manifest));
  for (const name of [...DECLARED, "vitest", "preact", "lodash"]) {
    await write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
    );
    await write(`node_modules/${name}/index.js`, "");
  }
  for (const [file, code] of ALLOWED) await write(file, code);
  for (const [file, code] of CHAINS) await write(file, code);
  for (const [, file, code] of SEEDED) await write(file, code);
  report = await cruise();
});

afterAll(() => rm(house, { recursive: true, force: true }));

describe("the import rules", () => {
  it.each(SEEDED)("catch, as %s, %s", (rule, file) => {
    expect(rulesBrokenBy(file)).toEqual([rule]);
  });

  it.each(CHAINS)("see the way round through %s", (file, _code, caught) => {
    expect(rulesBrokenBy(file)).toEqual(caught);
  });

  it.each(ALLOWED)("let %s through, which keeps them", (file) => {
    expect(rulesBrokenBy(file)).toEqual([]);
  });

  it("have a seeded violation each", () => {
    const seeded = new Set([...SEEDED.map(([rule]) => rule), ...CHAINS.flatMap(([, , caught]) => caught)]);
    expect(report.rules.map((rule) => rule.name).filter((name) => !seeded.has(name))).toEqual([]);
  });

  it("stop the build: each is an error", () => {
    expect(report.rules.filter((rule) => rule.severity !== "error")).toEqual([]);
  });
});

function rulesBrokenBy(file: string): string[] {
  return [...new Set(report.violations.filter((one) => one.from === file).map((one) => one.rule))].toSorted();
}

async function write(file: string, text: string): Promise<void> {
  const target = path.join(house, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

function anyVersion(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, "*"]));
}

/** Runs the real tool with the real rules; its exit code counts violations, so only its report is read. */
function cruise(): Promise<Report> {
  const script = path.join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const rooms = ["workflows", "activities", "workers", "src"];
  const args = [script, "--config", ".dependency-cruiser.mjs", "-T", "json", ...rooms];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: house, maxBuffer: 64 << 20 }, (_error, stdout, stderr) => {
      if (!stdout.startsWith("{")) {
        reject(new Error(`dependency-cruiser gave no report: ${stderr}`));
        return;
      }
      const { summary } = JSON.parse(stdout) as {
        summary: {
          violations: { from: string; rule: { name: string } }[];
          ruleSetUsed: { forbidden: Report["rules"] };
        };
      };
      resolve({
        rules: summary.ruleSetUsed.forbidden,
        violations: summary.violations.map(({ from, rule }) => ({ from, rule: rule.name })),
      });
    });
  });
}
