import { existsSync } from "node:fs";
import type { Artifact } from "../domain/artifact.ts";
import { parseReference, type PromptReference } from "../domain/names.ts";
import type { PromptFile } from "../domain/prompt-file.ts";
import type { CallEndpoint } from "../providers/completion.ts";
import { loadPromptFile } from "../templates/load-prompt-file.ts";
import { parseGitPath, readGitFile } from "./git-file.ts";
import { readTextFile } from "./read-file.ts";

/** What a person can name as a version: one in the store, or a file's contents that no store knows. */
export type NamedSubject =
  | ({ readonly kind: "stored" } & PromptReference)
  | { readonly kind: "file"; readonly path: string; readonly file: PromptFile };

/** An argument that is an existing path, or ends in `.yaml` or `.json`, is a file. */
export function isFileArgument(text: string): boolean {
  return /\.(ya?ml|json)$/.test(text) || existsSync(text);
}

/** Reads `NAME[@N]`, a prompt file, or `git:REF:PATH`. */
export async function readSubject(text: string): Promise<NamedSubject> {
  if (text.startsWith("git:")) {
    const git = parseGitPath(text);
    return { kind: "file", path: text, file: loadPromptFile(await readGitFile(git), git.path) };
  }
  if (isFileArgument(text))
    return {
      kind: "file",
      path: text,
      file: loadPromptFile(await readTextFile(text, "a prompt file"), text),
    };
  return { kind: "stored", ...parseReference(text) };
}

/** What an evaluation needs of a version. */
export interface Subject {
  readonly name: string;
  readonly versionId: string | null;
  readonly artifact: Artifact;
  /** Where it is asked, when a configuration says so. */
  readonly endpoint?: CallEndpoint;
}
