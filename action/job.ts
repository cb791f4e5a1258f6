import { readFileSync } from "node:fs";
import { resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the runner says of the job: its inputs, its event, and where outputs go. */
export interface Job {
  /** An input by its name in action.yml; empty where it is not given. */
  readonly input: (name: string) => string;
  /** `pull_request`, `push`, …. */
  readonly eventName: string;
  readonly event: PullRequestEvent;
  readonly folder: string;
  readonly outputFile: string | undefined;
  /** Everything, for the command that is run. */
  readonly env: Environment;
}

/** The part of an event's file that the action looks at. */
export interface PullRequestEvent {
  readonly pull_request?: {
    readonly draft?: boolean;
    readonly labels?: readonly { readonly name?: string }[];
  };
  readonly merge_group?: { readonly base_sha?: string };
}

/** Reads the environment that a runner gives an action. */
export function readJob(env: Environment): Job {
  // The runner's own spelling: capitals, and spaces as underscores; hyphens stay.
  const input = (name: string) => env[`INPUT_${name.toUpperCase()}`]?.trim() ?? "";
  return {
    input,
    eventName: env["GITHUB_EVENT_NAME"] ?? "",
    event: readEvent(env["GITHUB_EVENT_PATH"]),
    folder: resolve(env["GITHUB_WORKSPACE"] ?? ".", input("working-directory") || "."),
    outputFile: env["GITHUB_OUTPUT"],
    env,
  };
}

function readEvent(path: string | undefined): PullRequestEvent {
  if (path === undefined) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as PullRequestEvent;
  } catch {
    return {};
  }
}
