import type { Annotation, Review } from "../src/domain/shapes/reviewing.ts";
import type { SyncApplied } from "../src/domain/shapes/syncing.ts";
import type { Published } from "../src/review/publish-review.ts";
import type { Job } from "./job.ts";
import { type CommandAnswer, findCommand, runCommand } from "./run-command.ts";
import { annotation, type Level, setOutput } from "./workflow-commands.ts";

/** The whole action: one command of the project's own Sluice. Its exit code. */
export async function runAction(job: Job): Promise<number> {
  const mode = modeOf(job);
  if ("problem" in mode) return fail(mode.problem);
  const command = findCommand(job.folder);
  if (command === undefined)
    return fail(
      `Sluice is not installed in ${job.input("working-directory") || "the repository"}: name it in package.json's devDependencies, and run npm ci before this step`,
    );
  const run = (args: readonly string[]) =>
    runCommand(command, args, { cwd: job.folder, env: commandEnvironment(job) });
  return mode.mode === "review"
    ? ended(job, await run(reviewArguments(job)), reviewEnded)
    : ended(job, await run(applyArguments(job)), applyEnded);
}

function modeOf(job: Job): { readonly mode: "review" | "apply" } | { readonly problem: string } {
  const { eventName } = job;
  if (eventName === "pull_request_target")
    return {
      problem:
        "on pull_request_target a stranger's files would meet this repository's secrets; use pull_request, where a fork's review goes to the job's summary",
    };
  const mode = job.input("mode") || "auto";
  if (mode === "review" || mode === "apply") return { mode };
  if (mode !== "auto") return { problem: `mode takes auto, review or apply, not "${mode}"` };
  return { mode: eventName === "pull_request" || eventName === "merge_group" ? "review" : "apply" };
}

function reviewArguments(job: Job): string[] {
  const { event, input } = job;
  const options = {
    "--max-cost": "max-cost",
    "--fail-on": "fail-on",
    "--results": "results",
    "--junit": "junit",
  };
  const base = event.merge_group?.base_sha;
  return [
    "sync",
    "review",
    "--publish",
    ...(base === undefined ? [] : ["--base", base]),
    ...(isQuick(job) ? ["--quick"] : []),
    ...Object.entries(options).flatMap(([option, name]) => (input(name) === "" ? [] : [option, input(name)])),
  ];
}

/** A checkout of a commit does not know its branch, and the runner does. */
function applyArguments({ env }: Job): string[] {
  const branch = /^refs\/heads\/(.+)$/.exec(env["GITHUB_REF"] ?? "")?.[1];
  return ["sync", "apply", ...(branch === undefined ? [] : ["--branch", branch])];
}

function isQuick({ event, input }: Job): boolean {
  const cases = input("cases") || "auto";
  if (cases !== "auto") return cases === "quick";
  const asksForAll = event.pull_request?.labels?.some(({ name }) => name === input("whole-label")) ?? false;
  return event.pull_request?.draft === true && !asksForAll;
}

/** The runner's, with the inputs that the command knows as variables. */
function commandEnvironment({ env, input }: Job): Record<string, string | undefined> {
  const server = input("server") || env["SLUICE_URL"];
  const mayEnter = [env["SLUICE_KEY"], env["SLUICE_ID_TOKEN"], env["ACTIONS_ID_TOKEN_REQUEST_URL"]].some(
    Boolean,
  );
  if (server && !mayEnter)
    print(
      annotation(
        "notice",
        "this job has no token for the Sluice server (a fork's never has one; otherwise give it the permission id-token: write), so what merging would do is not said",
      ),
    );
  return {
    ...env,
    GITHUB_TOKEN: input("github-token") || env["GITHUB_TOKEN"],
    SLUICE_URL: mayEnter ? server : undefined,
  };
}

function ended(
  job: Job,
  { code, document }: CommandAnswer,
  told: (job: Job, document: never) => void,
): number {
  if (typeof document !== "object" || document === null)
    return fail(`sluice ended with ${code}, and without an answer; its words are in the job's log`);
  if ("error" in document) return fail(String((document.error as { message?: unknown }).message));
  told(job, document as never);
  return code === 0 ? 0 : 1;
}

const LEVELS: Readonly<Record<Annotation["level"], Level>> = {
  notice: "notice",
  warning: "warning",
  failure: "error",
};

function reviewEnded(job: Job, review: Review & { readonly published: Published | null }): void {
  const { published, annotations, verdict, prompts, costUsd } = review;
  // A check shows them at their lines; without one the runner does, ten of each level.
  const isShown = published?.check && "url" in published.check;
  if (!isShown)
    for (const { level, path, line, title, message } of annotations)
      print(annotation(LEVELS[level], message, { file: path, line, title }));
  const comment = published?.comment && "url" in published.comment ? published.comment : undefined;
  const outputs = {
    verdict,
    changed: String(prompts.length),
    "cost-usd": costUsd === null ? "" : costUsd.toFixed(6),
    "comment-url": comment?.url ?? "",
    junit: job.input("junit"),
  };
  for (const [name, value] of Object.entries(outputs)) setOutput(job.outputFile, name, value);
  print(`Prompts: ${verdict}; ${prompts.length} changed`);
}

function applyEnded(job: Job, { started, waiting }: SyncApplied): void {
  for (const one of started)
    if ("problem" in one)
      print(
        annotation("error", `${one.environment}: ${one.version} was not started: ${one.problem.message}`),
      );
  const count = started.filter((one) => "rolloutId" in one && !one.joined).length;
  setOutput(job.outputFile, "started", String(count));
  print(`Rollouts started: ${count}; waiting for an earlier environment: ${waiting.length}`);
}

function fail(message: string): number {
  print(annotation("error", message));
  return 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
