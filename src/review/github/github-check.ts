import type { Annotation, Review, ReviewVerdict } from "../../domain/shapes/reviewing.ts";
import { askHost, type HostApi } from "../hosts/host-request.ts";

/** Annotations that one request takes. */
const MOST_ANNOTATIONS = 50;
/** Characters of a check's summary. */
export const MOST_CHECK_SUMMARY = 65_000;

/** Not every verdict is a yes or a no: what cases cannot tell stops nobody, unless that was asked for. */
export type Conclusion = "success" | "failure" | "neutral";

export function conclusionOf(verdict: ReviewVerdict, failOnInsufficient: boolean): Conclusion {
  if (verdict === "pass" || verdict === "unchanged") return "success";
  return verdict === "insufficient" && !failOnInsufficient ? "neutral" : "failure";
}

export interface CheckToWrite {
  readonly headCommit: string;
  readonly conclusion: Conclusion;
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  readonly detailsUrl: string | undefined;
}

/** Writes a check of a commit at GitHub, with its annotations; gives its address. Takes the permission `checks: write`. */
export async function writeGitHubCheck(
  api: HostApi,
  repository: string,
  check: CheckToWrite,
): Promise<string | null> {
  const path = `/repos/${repository}/check-runs`;
  const output = { title: check.title, summary: check.summary };
  const pages = chunks(check.annotations.map(gitHubAnnotation));
  const made = await askHost(api, {
    method: "POST",
    path,
    body: {
      name: "Sluice",
      head_sha: check.headCommit,
      status: "completed",
      conclusion: check.conclusion,
      ...(check.detailsUrl !== undefined && { details_url: check.detailsUrl }),
      output: { ...output, annotations: pages[0] ?? [] },
    },
  });
  const { id, html_url: url } = made.body as { id: number; html_url?: string };
  for (const annotations of pages.slice(1))
    await askHost(api, {
      method: "PATCH",
      path: `${path}/${id}`,
      body: { output: { ...output, annotations } },
    });
  return url ?? null;
}

/** Characters of a message, of 64 KB that are taken. */
const MOST_MESSAGE = 10_000;

function gitHubAnnotation({ level, path, line, title, message }: Annotation) {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title: title.slice(0, 255),
    message: message.slice(0, MOST_MESSAGE),
  };
}

function chunks<T>(all: readonly T[]): T[][] {
  const pages: T[][] = [];
  for (let at = 0; at < all.length; at += MOST_ANNOTATIONS) pages.push(all.slice(at, at + MOST_ANNOTATIONS));
  return pages;
}

/** A few words for the check's heading. */
export function checkTitle({ verdict, prompts }: Review): string {
  const failed = prompts.filter(({ gate }) => gate?.verdict === "fail").length;
  switch (verdict) {
    case "unchanged":
      return "No prompt has changed";
    case "unusable":
      return "A file cannot be taken";
    case "fail":
      return `${failed} of ${prompts.length} changed prompts fail the gate`;
    case "insufficient":
      return "The cases cannot tell";
    case "pass":
      return "All changed prompts pass the gate";
  }
}
