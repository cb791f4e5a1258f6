import {
  type Environment,
  loadReferenced,
  loadRunner,
  readConfig,
  readLocalMachine,
  readPermitted,
} from "../../src/config.ts";

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

/** The names that config.ts asks an environment for. */
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

/** Every name that it may ask for, whatever the circumstances; variables of Temporal are handed on, not asked for. */
export async function allNamesRead(): Promise<string[]> {
  return [...new Set((await Promise.all(CIRCUMSTANCES.map(namesRead))).flat())];
}
