import { appendFile } from "node:fs/promises";
import type { Review } from "../domain/shapes/reviewing.ts";
import { SluiceError } from "../domain/errors.ts";
import { gitHubApi, gitHubComments } from "./github/github-comments.ts";
import { checkTitle, conclusionOf, MOST_CHECK_SUMMARY, writeGitHubCheck } from "./github/github-check.ts";
import { gitLabApi, gitLabNotes } from "./gitlab/gitlab-notes.ts";
import { type CommentStore, upsertComment } from "./hosts/upsert-comment.ts";
import { reviewMarkdown } from "./review-markdown.ts";
import type { CiRunner } from "./runner.ts";

/** Characters of a comment: GitHub's limit, with room for the marker. GitLab takes more. */
const MOST_COMMENT = 65_536 - 500;
/** Of a job's summary GitHub takes 1 MiB, counted in bytes. */
const MOST_SUMMARY = 250_000;

export interface PublishOptions {
  readonly failOnInsufficient: boolean;
  readonly dashboard: string | undefined;
}

/** What became of each way to tell somebody. Null: this job has no such way. */
export interface Published {
  readonly comment: { readonly url: string | null; readonly became: string } | Untold | null;
  readonly check: { readonly url: string | null } | Untold | null;
  readonly summary: boolean;
}

export interface Untold {
  readonly problem: string;
}

/**
 * Tells a pull request what its review found: one comment, a check with its annotations, and the job's summary. A job
 * may lack the right to any of them (that of a fork has a token that only reads): what cannot be told is said in the
 * answer, and fails nothing.
 */
export async function publishReview(
  review: Review,
  runner: CiRunner,
  { failOnInsufficient, dashboard }: PublishOptions,
): Promise<Published> {
  const { jobUrl, token, pullRequest, repository, summaryFile } = runner;
  const write = (most: number, restAt?: string) =>
    reviewMarkdown(review, { most, restAt, jobUrl, dashboard });
  const restAt = summaryFile === undefined ? undefined : "it is in the job's summary";
  const comment =
    pullRequest === undefined
      ? null
      : await told(token, runner, async (known) => {
          const { url, became } = await upsertComment(
            commentsOf(known, pullRequest.number),
            review.file,
            runner.run,
            write(MOST_COMMENT, restAt),
          );
          return { url, became };
        });
  const check =
    pullRequest === undefined || runner.platform !== "github"
      ? null
      : await told(token, runner, async (known) => ({
          url: await writeGitHubCheck(gitHubApi(known), repository, {
            headCommit: pullRequest.headCommit,
            conclusion: conclusionOf(review.verdict, failOnInsufficient),
            title: checkTitle(review),
            summary: write(MOST_CHECK_SUMMARY, restAt),
            annotations: review.annotations,
            detailsUrl: jobUrl,
          }),
        }));
  return { comment, check, summary: await summarise(summaryFile, write(MOST_SUMMARY)) };
}

type WithToken = CiRunner & { readonly token: string };

function commentsOf(runner: WithToken, pullRequest: number): CommentStore {
  return runner.platform === "github"
    ? gitHubComments(gitHubApi(runner), runner.repository, pullRequest)
    : gitLabNotes(gitLabApi(runner), runner.repository, pullRequest);
}

async function told<T>(
  token: string | undefined,
  runner: CiRunner,
  work: (runner: WithToken) => Promise<T>,
): Promise<T | Untold> {
  if (token === undefined)
    return {
      problem: `this job has no token for it; set ${runner.platform === "github" ? "GITHUB_TOKEN" : "GITLAB_TOKEN"}`,
    };
  try {
    return await work({ ...runner, token });
  } catch (error) {
    if (error instanceof SluiceError) return { problem: error.message };
    throw error;
  }
}

async function summarise(file: string | undefined, text: string): Promise<boolean> {
  if (file === undefined) return false;
  try {
    await appendFile(file, text);
    return true;
  } catch {
    return false;
  }
}
