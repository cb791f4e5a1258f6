import { SluiceError } from "../domain/errors.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import type { ScopeColumns } from "../domain/scope.ts";
import type { CheckedDocument, DocumentCost } from "../domain/shapes/checking.ts";
import { checkVersion } from "../evaluation/checks/check-version.ts";
import { secretsIn } from "../evaluation/checks/secrets.ts";
import { textCost } from "../providers/prices.ts";
import { countTokens } from "../providers/token-count.ts";
import type { Database } from "../storage/database.ts";
import { listCallers } from "../storage/read/callers.ts";
import { isReadByLangfuse } from "../storage/read/langfuse-reads.ts";
import { servedVersion } from "../storage/read/pointer.ts";
import { findVersionById, versionName } from "../storage/read/version.ts";
import { fixedTokenText, loadPromptFile } from "../templates/load-prompt-file.ts";
import type { Grants } from "../domain/access/grants.ts";
import type { VersionLookup } from "../domain/prompt/include.ts";
import { resolveIncludes } from "./resolve-includes.ts";
import { versionsIn } from "../storage/read/versions-in.ts";

export interface CheckDocument {
  /** YAML or JSON, and what to call it in messages. */
  readonly text: string;
  readonly name: string;
  /** Against what is served there. */
  readonly scope: ScopeColumns;
  /** What whoever asks may see: no other prompt is included. Default: all. */
  readonly seen?: Grants | undefined;
}

/** Says of a prompt file what pushing it would, and what it costs beside what is live. Keeps nothing. */
export async function checkDocument(
  db: Database,
  { text, name, scope, seen }: CheckDocument,
): Promise<CheckedDocument> {
  const served = await servedVersion(db, scope);
  const version = served === null ? undefined : await findVersionById(db, served);
  const live = version && { version: versionName(version), ...(await costOfArtifact(version.artifact)) };
  const read = await readDocument(versionsIn(db, seen), text, name);
  if (!read.ok) return { problems: read.problems, findings: [], cost: null, live: live ?? null };
  const { artifact } = read;
  const { findings } = await checkVersion({
    candidate: artifact,
    live: version?.artifact,
    strict: false,
    forLangfuse: await isReadByLangfuse(db, scope.prompt),
    callers: await listCallers(db, { prompt: scope.prompt, label: scope.label, seen }),
  });
  const secrets = await secretsIn(artifact);
  return {
    problems: [
      ...secrets.map(({ place, kind }) => `${name}: ${place} contains what looks like a secret: ${kind}`),
      ...findings
        .filter(({ code }) => code === "langfuse_unsafe")
        .map(({ message }) => `${name}: ${message}`),
    ],
    findings: findings.filter(({ code }) => code !== "secret" && code !== "langfuse_unsafe"),
    cost: await costOfArtifact(artifact),
    live: live ?? null,
  };
}

type Read =
  | { readonly ok: true; readonly file: PromptFile; readonly artifact: Artifact }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What is wrong with it is what was asked for, and no error. */
async function readDocument(versions: VersionLookup, text: string, name: string): Promise<Read> {
  try {
    const file = loadPromptFile(text, name);
    return { ok: true, file, artifact: await resolveIncludes(versions, file) };
  } catch (error) {
    if (!(error instanceof SluiceError) || (error.code !== "invalid_input" && error.code !== "not_found"))
      throw error;
    const { problems } = error.details;
    return { ok: false, problems: Array.isArray(problems) ? problems.map(String) : [error.message] };
  }
}

async function costOfArtifact(artifact: Artifact): Promise<DocumentCost> {
  const { tokens, exact } = await countTokens(fixedTokenText(artifact), artifact.model);
  return { tokens, tokensExact: exact, perThousandCalls: textCost(artifact.model, tokens) };
}
