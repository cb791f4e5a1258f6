import type { Artifact } from "../../domain/prompt/artifact.ts";

/** A version that is to be brought in, wherever it comes from. */
export interface IncomingVersion {
  /** Its name and number there. */
  readonly name: string;
  readonly number: number;
  readonly labels: readonly string[];
  readonly message: string;
  /** What is known of its content there, if it has been here before. */
  readonly sha256?: string | undefined;
  /** What should be known of it. */
  readonly notes: readonly string[];
  /** What a prompt file of it holds. `invalid_input` for what cannot be one. */
  fileOf(here: PlaceHere): Readonly<Record<string, unknown>>;
}

/** Where a version comes to. */
export interface PlaceHere {
  /** Its name here. */
  readonly prompt: string;
  /** The version before it, of those that are brought in. */
  readonly before: Artifact | undefined;
  /** The model of one that names none. */
  readonly model: string | undefined;
  /** What another version that is brought in is called here, by its name there: `house-style@3`. */
  readonly referenceTo: (version: string) => string;
}

/** How it is called there. */
export function nameThere({ name, number }: Pick<IncomingVersion, "name" | "number">): string {
  return `${name}@${number}`;
}
