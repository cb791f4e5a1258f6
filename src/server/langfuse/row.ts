import type { Artifact } from "../../domain/prompt/artifact.ts";
import { DEFAULT_LABEL } from "../../domain/scope.ts";
import { versionHead } from "../../storage/read/prompt-heads.ts";
import { PROJECT } from "./project.ts";
import { noSuchPrompt } from "../auth/authorise.ts";
import type { Parts } from "../parts.ts";
import type { Caller } from "../route.ts";
import { LATEST } from "./asked-label.ts";
import { contentOf } from "./prompt-route.ts";

interface OneVersion {
  readonly name: string;
  readonly id: string;
  readonly number: number;
  readonly artifact: Artifact;
}

/** A version as Langfuse's clients have it; `invalid_input` for one that they could not be served as it is meant. */
export async function rowOf({ db }: Parts, { grants }: Caller, { name, id, number, artifact }: OneVersion) {
  const content = contentOf(artifact, grants.langfuse);
  const head = await versionHead(db, id, grants);
  if (!head) throw noSuchPrompt(name);
  const labels = [...head.labels, ...(head.isNewest ? [LATEST] : [])];
  const at = head.createdAt.toISOString();
  return {
    id,
    createdAt: at,
    updatedAt: at,
    projectId: PROJECT,
    createdBy: head.author,
    name,
    version: number,
    ...content,
    tags: [...head.tags],
    labels,
    isActive: labels.includes(DEFAULT_LABEL),
    commitMessage: head.message || null,
    resolutionGraph: null,
  };
}
