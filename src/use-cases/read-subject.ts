import { existsSync } from "node:fs";
import type { ArmWay } from "../evaluation/running/arm-way.ts";
import type { Artifact } from "../domain/prompt/artifact.ts";
import { parseReference, type PromptReference } from "../domain/names.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import type { CallEndpoint } from "../providers/completion.ts";
import { loadPromptFile } from "../templates/load-prompt-file.ts";
import { parseGitPath, readGitFile } from "./read-git-file.ts";
import { readTextFile } from "./read-file.ts";

/** What a user can name as a version: one in the store, or a file's contents that no store knows. */
export type NamedSubject =
  | ({ readonly kind: "stored" } & PromptReference)
  | { readonly kind: "file"; readonly path: string; readonly file: PromptFile };

/** An argument that is an existing path, or ends in `.yaml` or `.json`, is a file. */
export function isFileArgument(text: string): boolean {
  return /\.(ya?ml|json)(#[^#]+)?$/.test(text) || existsSync(text);
}

/** `prompts.yaml#support-reply`: one prompt of a file that holds several. */
function filePart(text: string): { readonly path: string; readonly which: string | undefined } {
  const match = /^(.+\.(?:ya?ml|json))#([^#]+)$/.exec(text);
  return { path: match?.[1] ?? text, which: match?.[2] };
}

/** Reads `NAME[@N]`, a prompt file (`FILE#NAME` where it holds several), or `git:REF:PATH`. */
export async function readSubject(text: string): Promise<NamedSubject> {
  if (text.startsWith("git:")) {
    const { path, which } = filePart(text);
    const git = parseGitPath(path);
    return { kind: "file", path: text, file: loadPromptFile(await readGitFile(git), git.path, which) };
  }
  if (isFileArgument(text)) {
    const { path, which } = filePart(text);
    return {
      kind: "file",
      path: text,
      file: loadPromptFile(await readTextFile(path, "a prompt file"), path, which),
    };
  }
  return { kind: "stored", ...parseReference(text) };
}

/** What an evaluation needs of a version. */
export interface Subject {
  readonly name: string;
  readonly versionId: string | null;
  readonly artifact: Artifact;
  /** Where it is asked, when a configuration says so. */
  readonly endpoint?: CallEndpoint;
  /** Its one text may render to a list of messages, as promptfoo's prompts do. */
  readonly isChatText?: boolean;
  readonly way?: ArmWay;
}
