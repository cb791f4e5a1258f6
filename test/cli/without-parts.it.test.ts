import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/parsing/command-list.ts";
import { runSluice } from "./run-sluice.ts";

const EXAMPLE = new URL("../../examples/support-reply/", import.meta.url).pathname;
/** A repository, for what reads its files before it asks for a database. */
const REPOSITORY = mkdtempSync(join(tmpdir(), "sluice-repository-"));
cpSync(EXAMPLE, join(REPOSITORY, "prompts"), { recursive: true });
writeFileSync(join(REPOSITORY, "sluice.yaml"), "prompts: prompts/support-reply.yaml\n");
const EXPORTED = {
  prompt: "a",
  version: 1,
  message: "",
  labels: [],
  file: { name: "a", model: "openai/gpt-5-mini", messages: [{ role: "user", content: "hi" }] },
};
writeFileSync(join(REPOSITORY, "versions.jsonl"), `${JSON.stringify(EXPORTED)}\n`);
const OF_LANGFUSE = {
  name: "a",
  version: 1,
  type: "text",
  prompt: "hi",
  labels: [],
  tags: [],
  config: { model: "gpt-5-mini" },
};
writeFileSync(join(REPOSITORY, "monitors.yaml"), "slow: off\n");
writeFileSync(join(REPOSITORY, "langfuse.jsonl"), `${JSON.stringify(OF_LANGFUSE)}\n`);
afterAll(() => rmSync(REPOSITORY, { recursive: true }));

/** A call of every command that needs the database. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  migrate: [],
  worker: [],
  push: [join(EXAMPLE, "support-reply.yaml")],
  list: [],
  show: ["support-reply"],
  versions: ["support-reply"],
  usage: ["support-reply"],
  diff: ["support-reply@1", "support-reply@2"],
  eval: ["support-reply@1"],
  "eval stop": ["0199f2a4-6c1e-7b7a-9f5e-2d3c4b5a6978", "--reason", "r"],
  resolve: ["support-reply"],
  invoke: ["support-reply"],
  record: ["support-reply@1", "--unit", "u", "--metric", "rating=5"],
  "rollout start": ["support-reply@1"],
  "rollout status": ["support-reply"],
  "rollout watch": ["support-reply"],
  "rollout pause": ["support-reply"],
  "rollout resume": ["support-reply"],
  "rollout approve": ["support-reply@1"],
  "rollout reject": ["support-reply@1"],
  "rollout promote": ["support-reply"],
  "rollout abort": ["support-reply"],
  "rollout list": [],
  "rollout rules": ["support-reply", "--to", "3", "--reason", "r"],
  "rollout anchor": ["support-reply@1", "--reason", "r"],
  archive: ["support-reply", "--reason", "r"],
  unarchive: ["support-reply", "--reason", "r"],
  feedback: ["support-reply"],
  plan: ["support-reply@1"],
  simulate: ["support-reply"],
  rollback: ["support-reply", "--reason", "r"],
  pointers: [],
  "pointers set": ["support-reply@1", "--expected-revision", "0", "--reason", "r"],
  fleet: ["support-reply"],
  callers: ["support-reply"],
  impact: ["support-reply@1"],
  "breakers list": [],
  "breakers reset": [],
  propagate: ["support-reply@1"],
  "propagate status": ["0199f2a4-6c1e-7b7a-9f5e-2d3c4b5a6978"],
  audit: [],
  "audit export": [],
  "audit checkpoint": [],
  "audit show": ["support-reply"],
  "audit recompute": ["support-reply"],
  "keys create": ["--name", "k", "--role", "viewer"],
  "keys list": [],
  "keys rotate": ["3f2a91c0"],
  "keys revoke": ["3f2a91c0"],
  "keys intake": [],
  "import langfuse": [join(REPOSITORY, "langfuse.jsonl"), "--model", "openai/gpt-5-mini"],
  "import file": [join(REPOSITORY, "versions.jsonl")],
  export: [],
  "sync plan": ["--file", join(REPOSITORY, "sluice.yaml")],
  "sync apply": ["--file", join(REPOSITORY, "sluice.yaml")],
  "sync status": ["--file", join(REPOSITORY, "sluice.yaml")],
  "sync pull": ["--file", join(REPOSITORY, "sluice.yaml")],
  "sync forget": ["greeting", "--reason", "r"],
  "sync drift": ["--file", join(REPOSITORY, "sluice.yaml")],
  promote: ["support-reply", "--from", "staging", "--to", "production"],
  bundle: [],
  "sessions list": [],
  "sessions end": ["4k2p9x7c1m0q"],
  "trust add": ["deploy", "--platform", "github", "--id", "1", "--role", "editor"],
  "trust list": [],
  "trust remove": ["deploy"],
  labels: [],
  "labels set": ["beta", "--from", "staging"],
  "labels protect": ["beta", "--reason", "r"],
  "labels unprotect": ["beta", "--reason", "r"],
  server: [],
  retention: [],
  "monitors list": [],
  "monitors show": ["3f2a91c0"],
  "monitors set": ["support-reply", "--file", join(REPOSITORY, "monitors.yaml")],
  "monitors mute": ["3f2a91c0", "--for", "2h"],
  "monitors test": ["3f2a91c0"],
  alerts: [],
  "alerts ack": ["3f2a91c0"],
  "dead-letters list": [],
  "dead-letters show": ["3f2a91c0"],
  "dead-letters redrive": ["3f2a91c0"],
  "dead-letters discard": ["3f2a91c0", "--reason", "r"],
};
// `sync review` holds prompts to their gate all the same, and says that what merging would do is not known; to `doctor`
// a part that is away is a finding.
const WITHOUT_DATABASE = [
  "demo",
  "dev",
  "doctor",
  "init",
  "model-server",
  "completion",
  "complete",
  "sync review",
];

describe("with no database", () => {
  it("every command is tried", () => {
    const tried = [...Object.keys(CALLS), ...WITHOUT_DATABASE].toSorted();
    expect(tried).toEqual(COMMANDS.map(({ name }) => name).toSorted());
  });

  it.each(Object.entries(CALLS))("%s says where it looked, with code 5", async (name, rest) => {
    const env = { DATABASE_URL: "postgres://anna:secret@127.0.0.1:1/nothing" };
    const args = [...name.split(" "), ...rest];
    const ran = await runSluice(args, { env });
    expect(ran.stderr).toMatch(/127\.0\.0\.1:1\/nothing cannot be reached \(ECONNREFUSED\)/);
    expect(ran.stderr).not.toContain("secret");
    // The server's log, JSON lines, stands before it.
    expect(
      ran.stderr
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("{")),
    ).toHaveLength(1);
    expect(ran.code).toBe(5);
  });

  it("says with --json what it says without", async () => {
    const env = { DATABASE_URL: "postgres://127.0.0.1:1/nothing" };
    for (const args of [
      ["list"],
      ["resolve", "x"],
      ["rollout", "start", "x@1"],
      ["push", CALLS["push"]![0]!],
    ]) {
      const { stdout, code } = await runSluice([...args, "--json"], { env });
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: "unavailable" } });
      expect(code).toBe(5);
    }
  });

  it("says first what is wrong with a file: that is known without one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-bad-"));
    await writeFile(join(folder, "bad.yaml"), "name: bad\nmodel: openai/x\nmesages: []\n");
    const env = { DATABASE_URL: "postgres://127.0.0.1:1/nothing" };
    for (const options of [{ cwd: folder }, { cwd: folder, env }]) {
      const { stderr, code } = await runSluice(["push", "bad.yaml"], options);
      expect(stderr).toMatch(/bad\.yaml:3:1: .*did you mean "messages"/);
      expect(code).toBe(2);
    }
    await rm(folder, { recursive: true });
  });

  it("asks for one where none is named", async () => {
    const { stderr, code } = await runSluice(["list"]);
    expect(stderr).toContain("set DATABASE_URL, or start `sluice dev` in this directory");
    expect(code).toBe(5);
  });

  it("refuses an address that is none without showing it", async () => {
    const { stderr, code } = await runSluice(["list"], { env: { DATABASE_URL: "mysql://root:secret@x/y" } });
    expect(stderr).toContain("DATABASE_URL must start with postgres://");
    expect(stderr).not.toContain("secret");
    expect(code).toBe(2);
  });
});
