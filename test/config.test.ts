import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadReferenced, readConfig, readLocalMachine, requireDatabaseUrl } from "../src/config.ts";
import { devStateFile, readDevState, removeDevState, writeDevState } from "../src/local/stack/dev-state.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const DEV = {
  databaseUrl: "postgres://sluice:secret@127.0.0.1:5555/postgres",
  temporalAddress: "127.0.0.1:7233",
  uiUrl: "http://127.0.0.1:8233",
  modelServerUrl: "http://127.0.0.1:9000",
  pids: { postgres: 1 },
};

describe("the environment", () => {
  it("is taken as it is, an empty variable as one that is not set", () => {
    const config = readConfig(
      {
        DATABASE_URL: "postgres://host/db",
        TEMPORAL_ADDRESS: "",
        TEMPORAL_NAMESPACE: "prompts",
        OPENAI_API_KEY: "sk-1",
        OPENAI_BASE_URL: "http://localhost:1/v1",
        NO_COLOR: "1",
      },
      folder,
    );
    expect(config.databaseUrl).toBe("postgres://host/db");
    expect(config.temporal).toMatchObject({
      source: "environment",
      address: undefined,
      environment: { TEMPORAL_NAMESPACE: "prompts" },
    });
    expect(config.openai).toEqual({ apiKey: "sk-1", baseUrl: "http://localhost:1/v1" });
    expect(config.anthropic).toEqual({ apiKey: undefined, baseUrl: undefined });
    expect(config.color).toBe(false);
  });

  it("says how many calls a process makes at once, and what they cost", () => {
    const env = {
      SLUICE_OPENAI_CONCURRENCY: "32",
      SLUICE_ANTHROPIC_CONCURRENCY: "",
      SLUICE_PRICES: "p.yaml",
    };
    const { openai, anthropic, pricesFile } = readConfig(env, folder);
    expect([openai.concurrency, anthropic.concurrency, pricesFile]).toEqual([32, undefined, "p.yaml"]);
    for (const wrong of ["0", "1.5", "many", "1001"])
      expect(() => readConfig({ SLUICE_OPENAI_CONCURRENCY: wrong }, folder)).toThrow(
        `SLUICE_OPENAI_CONCURRENCY must be a number of calls from 1 to 1000, not "${wrong}"`,
      );
  });

  it.each(["DATABASE_URL", "TEMPORAL_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"])(
    "may keep %s in a file",
    (name) => {
      const file = join(folder, "secret");
      writeFileSync(file, "postgres://from-a-file\n");
      for (const named of [{ [`${name}_FILE`]: file }, { [name]: `file:${file}` }]) {
        const config = readConfig(named, folder);
        const read = [
          config.databaseUrl,
          config.temporal.environment["TEMPORAL_API_KEY"],
          config.openai.apiKey,
          config.anthropic.apiKey,
        ].filter(Boolean);
        expect(read).toEqual(["postgres://from-a-file"]);
        expect(config.temporal.environment).not.toHaveProperty("TEMPORAL_API_KEY_FILE");
      }
    },
  );

  it("names a server for commands, with a key that is in no message", () => {
    const key = "slu_abcdefghijkl_secret";
    const url = "https://prompts.example/base/";
    const read = (env: Record<string, string>) => readConfig(env, folder).server;
    expect(read({ SLUICE_URL: url, SLUICE_KEY: key })).toEqual({
      base: "https://prompts.example/base",
      key,
      keyFrom: "SLUICE_KEY",
      actor: undefined,
    });
    expect(read({ SLUICE_URL: `https://${key}@host`, SLUICE_ACTOR: "anna", USER: "ben" })).toEqual({
      base: "https://host",
      key,
      keyFrom: "SLUICE_URL",
      actor: "anna",
    });
    expect(read({ SLUICE_KEY: key })).toBeUndefined();
    const github = { ACTIONS_ID_TOKEN_REQUEST_URL: "https://token", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t" };
    expect(read({ SLUICE_URL: "https://host", ...github, SLUICE_TRUST_RULE: "deploy" })).toMatchObject({
      key: "",
      workload: {
        from: { requestUrl: "https://token", requestToken: "t" },
        audience: "https://host",
        rule: "deploy",
      },
    });
    expect(read({ SLUICE_URL: url, SLUICE_KEY: key, ...github })).not.toHaveProperty("workload");
    expect(() => read({ SLUICE_URL: url })).toThrow("set SLUICE_KEY");
    expect(() => read({ SLUICE_URL: `ftp://${key}@host` })).toThrow(/^SLUICE_URL is not a valid address/);
    expect(() => requireDatabaseUrl(readConfig({ SLUICE_URL: url, SLUICE_KEY: key }, folder))).toThrow(
      "this needs the database, and SLUICE_URL names a server; set DATABASE_URL",
    );
  });

  it("refuses a task queue whose name Temporal would not take, or nobody could see", () => {
    for (const queue of ["a".repeat(101), "team\u001b[2J", "a\u202eb"])
      expect(() => readConfig({ SLUICE_TASK_QUEUE: queue }, "/")).toThrow(
        /^SLUICE_TASK_QUEUE must be a name/,
      );
    expect(readConfig({ SLUICE_TASK_QUEUE: "équipe-2" }, "/").taskQueue).toBe("équipe-2");
  });

  it("says which file of a secret cannot be read", () => {
    const file = join(folder, "missing");
    expect(() => readConfig({ OPENAI_API_KEY_FILE: file }, folder)).toThrow(
      `OPENAI_API_KEY_FILE: ${file} cannot be read`,
    );
    for (const [path, problem] of [
      ["/dev/zero", "is a device"],
      [folder, "is a folder"],
    ])
      expect(() => readConfig({ OPENAI_API_KEY_FILE: path }, folder)).toThrow(
        `OPENAI_API_KEY_FILE: ${path} ${problem}; name a file that holds the secret`,
      );
    expect(() => readConfig({ OPENAI_API_KEY: `file:${file}` }, folder)).toThrow(
      `OPENAI_API_KEY: the file ${file} cannot be read`,
    );
    expect(() => readConfig({ OPENAI_API_KEY: `file:${folder}` }, folder)).toThrow(
      "OPENAI_API_KEY: the file",
    );
  });

  it("refuses a secret that is given twice", () => {
    expect(() => readConfig({ OPENAI_API_KEY: "a", OPENAI_API_KEY_FILE: "b" }, folder)).toThrow("both set");
  });

  it("refuses a database that is not Postgres, without showing it", () => {
    const read = () => readConfig({ DATABASE_URL: "mysql://me:hunter2@host" }, folder);
    expect(read).toThrow("DATABASE_URL must start with postgres://");
    expect(read).not.toThrow(/mysql|hunter2/);
  });

  it.each([
    [{ GITHUB_RUN_ID: "77", GITHUB_RUN_ATTEMPT: "2" }, "github-77-2"],
    [{ CI_PIPELINE_ID: "5" }, "gitlab-5"],
    [{ CI_PIPELINE_ID: "5", CI_JOB_ID: "81" }, "gitlab-81"],
    [{ BUILD_ID: "9" }, "build-9"],
    [{ SLUICE_REQUEST_ID: "mine", BUILD_ID: "9" }, "mine"],
    [{}, undefined],
  ])("%o is request %s", (env, id) => {
    expect(readConfig(env, folder).requestId).toBe(id);
  });

  it("says what to do when there is no database", () => {
    expect(() => requireDatabaseUrl(readConfig({}, folder))).toThrow(
      "set DATABASE_URL, or start `sluice dev`",
    );
  });
});

describe("the running sluice dev of a directory", () => {
  it("gives the database, Temporal and the models when the environment names neither", () => {
    writeDevState(folder, DEV);
    const config = readConfig({}, folder);
    expect(config.databaseUrl).toBe(DEV.databaseUrl);
    expect(config.temporal).toMatchObject({ source: "dev", address: "127.0.0.1:7233", uiUrl: DEV.uiUrl });
    expect(config.openai).toEqual({ apiKey: "local", baseUrl: "http://127.0.0.1:9000/v1" });
    expect(config.anthropic).toEqual({ apiKey: "local", baseUrl: "http://127.0.0.1:9000" });
  });

  it("is not mixed with a database or a Temporal of the environment", () => {
    writeDevState(folder, DEV);
    expect(readConfig({ DATABASE_URL: "postgres://other" }, folder).temporal.source).toBe("default");
    expect(readConfig({ TEMPORAL_ADDRESS: "there:7233" }, folder).databaseUrl).toBeUndefined();
  });

  it("leaves a model endpoint of the environment alone", () => {
    writeDevState(folder, DEV);
    expect(readConfig({ OPENAI_API_KEY: "sk-1" }, folder).openai).toEqual({
      apiKey: "sk-1",
      baseUrl: undefined,
    });
  });

  it("counts as none when the process that wrote it is gone", () => {
    writeDevState(folder, DEV);
    expect(readDevState(folder)).toMatchObject({ databaseUrl: DEV.databaseUrl });
    const file = devStateFile(folder);
    mkdirSync(dirname(file), { recursive: true });
    // The pid of this very process, but of one that started at another time.
    writeFileSync(file, JSON.stringify({ ...DEV, owner: { pid: process.pid, started: "long ago" } }));
    expect(readDevState(folder)).toBeUndefined();
    expect(readConfig({}, folder).databaseUrl).toBeUndefined();
  });

  it("is taken back by the process that wrote it", () => {
    writeDevState(folder, DEV);
    removeDevState(folder);
    expect(readDevState(folder)).toBeUndefined();
  });

  it("says which file is damaged", () => {
    const file = devStateFile(folder);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "{");
    expect(() => readConfig({}, folder)).toThrow(`${file} is damaged`);
  });
});

describe("the cache", () => {
  it.each([
    [{ SLUICE_CACHE_DIR: "/a", XDG_CACHE_HOME: "/b", HOME: "/c" }, "/a"],
    [{ XDG_CACHE_HOME: "/b", HOME: "/c" }, "/b/sluice"],
  ])("of %o is %s", (env, cacheDir) => {
    expect(readLocalMachine(env).cacheDir).toBe(cacheDir);
  });
});

describe("a reference of a policy", () => {
  it("is read where it is asked for, from a variable or a file, and what is wrong never repeats what it stands for", async () => {
    writeFileSync(join(folder, "secret"), "from a file\n");
    writeFileSync(join(folder, "binary"), Uint8Array.of(80, 0, 81));
    expect(await loadReferenced("env:HOOK", { HOOK: "from a variable" })).toBe("from a variable");
    expect(await loadReferenced(`file:${folder}/secret`, {})).toBe("from a file");
    for (const [reference, problem] of [
      ["env:NONE", /env:NONE: this variable is not set where the worker runs/],
      [`file:${folder}/none`, /cannot be read \(ENOENT\)/],
      [`file:${folder}/binary`, /is not text/],
      [`file:${folder}`, /is a folder/],
      ["plain-SECRET", /must be env:NAME or file:PATH/],
    ] as const)
      await expect(loadReferenced(reference, {})).rejects.toThrow(problem);
  });
});
