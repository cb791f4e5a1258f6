import { describe, expect, it } from "vitest";
import {
  type Environment,
  loadReferenced,
  loadRunner,
  readConfig,
  readLocalMachine,
  readPermitted,
} from "../../src/config.ts";
import { readPage } from "./markdown.ts";

/** Circumstances under which further variables are looked at. */
const CIRCUMSTANCES: readonly Environment[] = [
  {},
  { GITHUB_RUN_ID: "1" },
  { CI_PIPELINE_ID: "1" },
  { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "o/r" },
  {
    GITLAB_CI: "true",
    CI_API_V4_URL: "u",
    CI_PROJECT_ID: "1",
    CI_MERGE_REQUEST_IID: "1",
    CI_MERGE_REQUEST_DIFF_BASE_SHA: "a",
  },
  { TEMPORAL_API_KEY: "key" },
  { VAULT_ADDR: "-", VAULT_TOKEN: "token" },
  { SLUICE_URL: "https://host", SLUICE_KEY: "key" },
  { SLUICE_URL: "https://host", ACTIONS_ID_TOKEN_REQUEST_URL: "u", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t" },
];

/** The names that config.ts asks the environment for. */
async function namesRead(env: Environment): Promise<string[]> {
  const names = new Set<string>();
  const recording = new Proxy(env, {
    get(target, name) {
      if (typeof name === "string") names.add(name);
      return Reflect.get(target, name) as unknown;
    },
  });
  readConfig(recording, "/");
  readPermitted(recording);
  await loadRunner(recording);
  // What a secret manager is asked with.
  await loadReferenced("vault:secret/sluice#key", recording).catch(() => undefined);
  readLocalMachine(recording);
  return [...names];
}

const read = [...new Set((await Promise.all(CIRCUMSTANCES.map(namesRead))).flat())];
const page = readPage("docs/reference/operations.md");

describe("the environment", () => {
  it("is looked at", () => {
    expect(read).toEqual(expect.arrayContaining(["DATABASE_URL", "OPENAI_API_KEY", "SLUICE_TASK_QUEUE"]));
  });

  // Each key may be in a file, and a proxy's variables are read in small letters too: the page says both once.
  const names = new Set(read.map((name) => name.replace(/_FILE$/, "").toUpperCase()));
  it.each([...names].toSorted())("%s is documented", (name) => {
    expect(page.includes(`\`${name}\``)).toBe(true);
  });
});
