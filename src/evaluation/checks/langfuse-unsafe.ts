import type { Artifact } from "../../domain/prompt/artifact.ts";
import { SluiceError } from "../../domain/errors.ts";
import type { Finding } from "../../domain/finding.ts";
import { langfusePrompt } from "../../templates/requests/to-langfuse.ts";

/**
 * What keeps a version from Langfuse's clients. They are taken to be served untrusted variables, by their key, where the
 * version before has one too.
 */
export function langfuseUnsafe(candidate: Artifact, live: Artifact | undefined): Finding[] {
  const isUntrusted = Object.values(live?.variables ?? {}).some(({ untrusted }) => untrusted);
  try {
    langfusePrompt(candidate, { untrusted: isUntrusted ? "delimit" : "refuse" });
    return [];
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const message = `Langfuse's clients have got this prompt in the last 7 days, and could not be served this version: ${error.message}`;
    return [{ code: "langfuse_unsafe", severity: "error", message }];
  }
}
