import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import type { Artifact } from "../domain/artifact.ts";
import { invalidInput, unavailable } from "../domain/errors.ts";
import { parseReference } from "../domain/names.ts";
import type { PromptFile } from "../domain/prompt-file.ts";
import { loadPromptFile } from "../templates/load-prompt-file.ts";
import { readTextFile } from "./read-file.ts";

/** What a person can name as a version: one in the store, or a file's contents that no store knows. */
export type NamedSubject =
  | { readonly kind: "stored"; readonly prompt: string; readonly number: number | undefined }
  | { readonly kind: "file"; readonly path: string; readonly file: PromptFile };

/** An argument that is an existing path, or ends in `.yaml` or `.json`, is a file. */
export function isFileArgument(text: string): boolean {
  return /\.(ya?ml|json)$/.test(text) || existsSync(text);
}

/** Reads `NAME[@N]`, a prompt file, or `git:REF:PATH`. */
export async function readSubject(text: string): Promise<NamedSubject> {
  if (text.startsWith("git:")) {
    const path = text.slice(text.indexOf(":", 4) + 1);
    return { kind: "file", path: text, file: loadPromptFile(await fromGit(text), path) };
  }
  if (isFileArgument(text))
    return {
      kind: "file",
      path: text,
      file: loadPromptFile(await readTextFile(text, "a prompt file"), text),
    };
  const { prompt, number } = parseReference(text);
  return { kind: "stored", prompt, number };
}

const run = promisify(execFile);

async function fromGit(text: string): Promise<string> {
  const match = /^git:([^:]+):(.+)$/.exec(text);
  if (!match || match[1]!.startsWith("-"))
    throw invalidInput(`"${text}": write git:REF:PATH, for example git:main:prompts/support-reply.yaml`);
  const [, ref, path] = match;
  // Without ./ git would take the path from the top of the repository, not from here.
  const object = `${ref}:${path!.startsWith("/") ? path!.slice(1) : `./${path}`}`;
  try {
    const { stdout } = await run("git", ["show", object], { maxBuffer: 32 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") throw unavailable(`${text}: git is not installed here`, {}, error);
    throw invalidInput(`${text}: git says: ${(stderr ?? String(error)).trim().split("\n")[0]}`, {
      ref,
      path,
    });
  }
}

/** What an evaluation needs of a version. */
export interface Subject {
  readonly name: string;
  readonly versionId: string | null;
  readonly artifact: Artifact;
}
