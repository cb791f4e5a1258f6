import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { runSluice } from "../cli/run-sluice.ts";
import { type GitHubStandIn, REPOSITORY, startGitHubStandIn, TOKENS } from "../support/github-stand-in.ts";
import { nodeSettings } from "../support/quick-node/node-settings.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

export interface ActionRan {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface ActionRun {
  /** GitHub's id of the run: a later one has a greater one. */
  readonly id: number;
  readonly token?: string;
  readonly draft?: boolean;
  readonly labels?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly eventName?: string;
}

/** A repository that init has made, whose base is `main`, and a runner that runs the action in it as GitHub does. */
export interface ActionBench {
  readonly github: GitHubStandIn;
  readonly folder: string;
  readonly prompt: string;
  /** The scripted models, for commands that are run without the action. */
  readonly modelEnv: Readonly<Record<string, string>>;
  write(path: string, text: string): void;
  read(path: string): string;
  git(...args: string[]): string;
  run(run: ActionRun): Promise<ActionRan>;
  close(): Promise<void>;
}

/** @param files in place of what init writes, or beside it */
export async function createActionBench(files: Readonly<Record<string, string>> = {}): Promise<ActionBench> {
  const [github, models] = await Promise.all([startGitHubStandIn(), startModelServer()]);
  const top = mkdtempSync(join(tmpdir(), "sluice-action-"));
  const folder = join(top, "repository");
  mkdirSync(folder);
  await runSluice(["init"], { cwd: folder });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules", "sluice"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=n@example.org", ...args], {
      cwd: folder,
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-qm", "prompts");
  git("checkout", "-qb", "change");
  const modelEnv = { OPENAI_API_KEY: "local", OPENAI_BASE_URL: `${models.url}/v1` };
  let runs = 0;

  async function run({ id, token, draft, labels, inputs, env, eventName }: ActionRun): Promise<ActionRan> {
    const runner = join(top, `run-${++runs}`);
    mkdirSync(runner);
    const [event, output, summary] = ["event.json", "output", "summary.md"].map((name) => join(runner, name));
    const pullRequest = {
      number: 7,
      draft: draft ?? false,
      labels: (labels ?? []).map((name) => ({ name })),
      base: { sha: git("rev-parse", "main"), ref: "main" },
      head: { sha: git("rev-parse", "HEAD"), ref: "change" },
    };
    writeFileSync(event!, JSON.stringify({ action: "synchronize", number: 7, pull_request: pullRequest }));
    for (const file of [output!, summary!]) writeFileSync(file, "");
    const child = spawn(process.execPath, [join(ROOT, mainOf())], {
      cwd: runner,
      env: {
        ...nodeSettings(),
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        GITHUB_ACTIONS: "true",
        GITHUB_ACTOR: "anna",
        GITHUB_API_URL: github.url,
        GITHUB_EVENT_NAME: eventName ?? "pull_request",
        GITHUB_EVENT_PATH: event,
        GITHUB_OUTPUT: output,
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_RUN_ATTEMPT: "1",
        GITHUB_RUN_ID: String(id),
        GITHUB_SERVER_URL: "https://github.example",
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_WORKSPACE: folder,
        ...modelEnv,
        ...givenInputs({ "github-token": token ?? TOKENS.writes, ...inputs }),
        ...env,
      },
    });
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    const code = await new Promise<number | null>((ended) => child.once("close", ended));
    return {
      code,
      stdout: stdout(),
      stderr: stderr(),
      outputs: readOutputs(readFileSync(output!, "utf8")),
      summary: readFileSync(summary!, "utf8"),
    };
  }

  return {
    github,
    folder,
    prompt: "prompts/support-reply.yaml",
    modelEnv,
    git,
    run,
    read: (path) => readFileSync(join(folder, path), "utf8"),
    write,
    async close() {
      await Promise.all([github.close(), models.stop()]);
      rmSync(top, { recursive: true, force: true });
    },
  };
}

const manifest = parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as {
  readonly runs: { readonly main: string };
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
};
const mainOf = () => manifest.runs.main;

/** As a runner gives them: defaults of action.yml where nothing is given. */
function givenInputs(given: Readonly<Record<string, string>>): Record<string, string> {
  const values = Object.entries(manifest.inputs).map(([name, { default: usual = "" }]) => [name, usual]);
  return Object.fromEntries(
    Object.entries({ ...(Object.fromEntries(values) as Record<string, string>), ...given }).map(
      ([name, value]) => [`INPUT_${name.toUpperCase()}`, value],
    ),
  );
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (part) => (text += String(part)));
  return () => text;
}

function readOutputs(text: string): Record<string, string> {
  const found = [...text.matchAll(/^(.+?)<<(\S+)\n([\s\S]*?)\n\2$/gm)];
  return Object.fromEntries(found.map(([, name, , value]) => [name!, value!]));
}
