import type { MovedLabel } from "./labels.ts";

/** A version that was brought in, or would be. */
export interface ImportedVersion {
  /** Its number where it comes from. */
  readonly from: number;
  /** Its number here. */
  readonly version: number;
  /** False: there was a version of this content. */
  readonly created: boolean;
}

export interface ImportedPrompt {
  /** Its name where it comes from. */
  readonly from: string;
  /** Its name here. */
  readonly prompt: string;
  readonly versions: readonly ImportedVersion[];
  /** What is not as it was there: gaps in the numbers, texts that look like variables. */
  readonly notes: readonly string[];
}

/** A label that was asked for, and what it has come to, or would come to. */
export interface ImportedLabel extends Omit<MovedLabel, "becomes"> {
  /** `support-reply@7`. */
  readonly version: string;
  /** `refused`: the label stays where it is, and `why` says what to do. */
  readonly becomes: MovedLabel["becomes"] | "refused";
  readonly why: string | null;
}

/** What keeps a version, or a whole prompt, from being brought in. */
export interface ImportProblem {
  /** The prompt's name where it comes from. */
  readonly from: string;
  /** Null: all of them. */
  readonly version: number | null;
  readonly problem: string;
  /** A name that it could have here; null where that is not what is wrong. */
  readonly proposedName: string | null;
}

/** What an import has done, or with `dryRun` what it would do. */
export interface Imported {
  readonly dryRun: boolean;
  readonly prompts: readonly ImportedPrompt[];
  readonly labels: readonly ImportedLabel[];
  /** Labels that serve something there and were not asked for: nothing was moved for them. */
  readonly labelsLeft: readonly string[];
  /** Empty unless it is a dry run: an import with problems does nothing. */
  readonly problems: readonly ImportProblem[];
}

/** A version as `sluice export` writes it, and `sluice import file` reads it. */
export interface ExportedVersion {
  readonly prompt: string;
  readonly version: number;
  readonly sha256: string;
  /** What a prompt file holds: pushing it gives the same version. */
  readonly file: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly author: string;
  readonly createdAt: string;
  /** Those that serve it, for every model and tenant. */
  readonly labels: readonly string[];
}
