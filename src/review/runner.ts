import { readFileSync } from "node:fs";
import * as v from "valibot";

type Read = (name: string) => string | undefined;

/** The job of a CI system that a command runs in, as far as a review needs it. */
export interface CiRunner {
  readonly platform: "github" | "gitlab";
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** `owner/name`, or the project's number. */
  readonly repository: string;
  readonly token: string | undefined;
  /** Undefined: it runs for no pull request. */
  readonly pullRequest: PullRequest | undefined;
  /** Grows with each run, so that a slow one does not write over a newer one's words. */
  readonly run: RunOrder;
  readonly jobUrl: string | undefined;
  /** A file whose Markdown is shown with the job; GitHub alone has one. */
  readonly summaryFile: string | undefined;
}

export interface PullRequest {
  readonly number: number;
  readonly baseCommit: string;
  readonly headCommit: string;
  readonly isDraft: boolean;
  readonly labels: readonly string[];
}

/** Of two runs the later one has the greater id, or the greater attempt. */
export interface RunOrder {
  readonly id: number;
  readonly attempt: number;
}

/** What GitHub Actions or GitLab CI says of the job; undefined elsewhere. */
export function readCiRunner(value: Read, secret: Read): CiRunner | undefined {
  if (value("GITHUB_ACTIONS") === "true") return readGitHub(value, secret);
  if (value("GITLAB_CI") === "true") return readGitLab(value, secret);
  return undefined;
}

function readGitHub(value: Read, secret: Read): CiRunner | undefined {
  const repository = value("GITHUB_REPOSITORY");
  if (repository === undefined) return undefined;
  const runId = value("GITHUB_RUN_ID");
  const server = value("GITHUB_SERVER_URL") ?? "https://github.com";
  return {
    platform: "github",
    apiUrl: (value("GITHUB_API_URL") ?? "https://api.github.com").replace(/\/+$/, ""),
    repository,
    token: secret("GITHUB_TOKEN"),
    pullRequest: pullRequestOf(readEvent(value("GITHUB_EVENT_PATH"))),
    run: { id: Number(runId ?? 0), attempt: Number(value("GITHUB_RUN_ATTEMPT") ?? 1) },
    jobUrl: runId === undefined ? undefined : `${server}/${repository}/actions/runs/${runId}`,
    summaryFile: value("GITHUB_STEP_SUMMARY"),
  };
}

const pullRequestEvent = v.object({
  pull_request: v.object({
    number: v.number(),
    draft: v.optional(v.boolean(), false),
    base: v.object({ sha: v.string() }),
    head: v.object({ sha: v.string() }),
    labels: v.optional(v.array(v.object({ name: v.string() })), []),
  }),
});

function pullRequestOf(event: unknown): PullRequest | undefined {
  const read = v.safeParse(pullRequestEvent, event);
  if (!read.success) return undefined;
  const { number, base, head, draft, labels } = read.output.pull_request;
  return {
    number,
    baseCommit: base.sha,
    headCommit: head.sha,
    isDraft: draft,
    labels: labels.map(({ name }) => name),
  };
}

function readEvent(path: string | undefined): unknown {
  if (path === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function readGitLab(value: Read, secret: Read): CiRunner | undefined {
  const [apiUrl, repository] = [value("CI_API_V4_URL"), value("CI_PROJECT_ID")];
  if (apiUrl === undefined || repository === undefined) return undefined;
  const number = value("CI_MERGE_REQUEST_IID");
  const base = value("CI_MERGE_REQUEST_DIFF_BASE_SHA");
  return {
    platform: "gitlab",
    apiUrl: apiUrl.replace(/\/+$/, ""),
    repository,
    token: secret("GITLAB_TOKEN"),
    pullRequest:
      number === undefined || base === undefined
        ? undefined
        : {
            number: Number(number),
            baseCommit: base,
            headCommit: value("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") ?? value("CI_COMMIT_SHA") ?? "",
            isDraft: /^(?:\[?draft\]?:?|\(draft\))\s/i.test(value("CI_MERGE_REQUEST_TITLE") ?? ""),
            labels: (value("CI_MERGE_REQUEST_LABELS") ?? "").split(",").filter((label) => label !== ""),
          },
    run: { id: Number(value("CI_PIPELINE_ID") ?? 0), attempt: Number(value("CI_JOB_ID") ?? 1) },
    jobUrl: value("CI_JOB_URL"),
    summaryFile: undefined,
  };
}
