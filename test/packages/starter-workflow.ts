import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { openShell } from "../support/shell.ts";

interface Workflow {
  readonly jobs: {
    readonly gate: {
      readonly env: Readonly<Record<string, string>>;
      readonly steps: readonly { readonly name?: string; readonly run?: string; readonly if?: string }[];
    };
  };
}

export interface WorkflowRun {
  /** Of the step that failed; undefined: none did. */
  readonly failed: string | undefined;
  readonly said: string;
  readonly summary: string;
}

/**
 * Runs the starter's workflow in a checkout as a runner does: each step in a `bash -e` of its own, what it writes
 * to GITHUB_ENV in the environment of the next, the rest after a failure only where a step says `always()`.
 */
export async function runStarterWorkflow(
  checkout: string,
  {
    port,
    environment,
    skipped,
  }: {
    readonly port: number;
    readonly environment: Readonly<Record<string, string>>;
    /** Commands that an earlier run of the same checkout has done. */
    readonly skipped: readonly string[];
  },
): Promise<WorkflowRun> {
  const text = await readFile(join(checkout, ".github/workflows/prompts.yml"), "utf8");
  const { gate } = (parse(text.replaceAll("8765", String(port))) as Workflow).jobs;
  const files = {
    GITHUB_ENV: join(checkout, "../github.env"),
    GITHUB_STEP_SUMMARY: join(checkout, "../summary.md"),
  };
  for (const file of Object.values(files)) await writeFile(file, "");
  const runner = { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/shop", GITHUB_RUN_ID: "1" };
  const expressions: Readonly<Record<string, string>> = {
    "github.base_ref": "main",
    "github.event.pull_request.draft": "false",
    "github.token": "",
    "secrets.OPENAI_API_KEY": "",
    "vars.SLUICE_URL": "",
  };
  const fill = (value: string) =>
    value.replaceAll(/\$\{\{ (.+?) \}\}/g, (_all, name: string) => expressions[name]!);
  const jobEnv = Object.fromEntries(Object.entries(gate.env).map(([name, value]) => [name, fill(value)]));
  const shells: ReturnType<typeof openShell>[] = [];
  let [failed, said] = [undefined as string | undefined, ""];
  for (const step of gate.steps) {
    if (
      step.run === undefined ||
      skipped.includes(step.run) ||
      (failed !== undefined && step.if !== "always()")
    )
      continue;
    const written = (await readFile(files.GITHUB_ENV, "utf8")).split("\n").filter(Boolean);
    const added = Object.fromEntries(written.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const env = { ...environment, ...runner, ...files, ...jobEnv, ...added };
    if (step.if === "env.OPENAI_API_KEY == ''" && env.OPENAI_API_KEY !== "") continue;
    const shell = openShell(checkout, { env, prelude: "set -eo pipefail" });
    shells.push(shell);
    const typed = await shell.type(step.run);
    said += typed.said;
    if (typed.code !== 0) failed ??= step.name ?? step.run;
  }
  await Promise.all(shells.map((shell) => shell.close()));
  return { failed, said, summary: await readFile(files.GITHUB_STEP_SUMMARY, "utf8") };
}
