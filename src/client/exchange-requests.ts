import type { LangfuseProject } from "./importing/langfuse-api.ts";

/** Where an import is from, how what is there is called here, and what becomes live; nothing when that is not said. */
export interface ImportRequest {
  /** A project of Langfuse, by its API. Either this or `file`. */
  readonly langfuse?: LangfuseProject | undefined;
  /** Path of a file, read where the program runs: versions as Langfuse's API gives them, or as `exportPrompts` does. */
  readonly file?: string | undefined;
  /** Only these, by their names there. All when absent or empty. */
  readonly prompts?: readonly string[] | undefined;
  /** Not these: `Old prompt`, or one version of it, `Old prompt@3`. */
  readonly skip?: readonly string[] | undefined;
  /** By names there, what they are called here. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
  /** Also takes the name that would be proposed, where a name cannot be one here. */
  readonly takeProposedNames?: boolean | undefined;
  /** The model of versions that name none, where there is none before: `openai/gpt-5.4-mini`. */
  readonly model?: string | undefined;
  /** Labels that are to serve what they serve there, by the rules of `moveLabel`. */
  readonly moveLabels?: readonly string[] | undefined;
  /** Why versions may hold what looks like a secret. Kept in the audit log. */
  readonly allowSecret?: string | undefined;
  /** Only says what it would do, and what stands in its way. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

export interface ImportProgress {
  readonly step: "read" | "push";
  /** Versions. */
  readonly done: number;
  readonly total: number;
}

export interface ExportRequest {
  /** Only these. All that are not archived when absent or empty. */
  readonly prompts?: readonly string[] | undefined;
  /** `all` versions, or the `newest` of each prompt. Default `all`. */
  readonly versions?: "all" | "newest" | undefined;
  /** Only what this label serves, for every model and tenant. */
  readonly live?: string | undefined;
}
