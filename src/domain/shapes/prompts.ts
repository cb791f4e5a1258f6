import type { ListedVersion } from "./versions.ts";

/** A prompt, with its newest version and what each scope serves of it. */
export interface ListedPrompt {
  readonly prompt: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly archived: boolean;
  readonly newest: ListedVersion | null;
  /** SHA-256 of the policy that was pushed with it; null: none was. */
  readonly policySha256: string | null;
  /** `support-reply@2` by scope, for the scopes that serve a version of it. */
  readonly live: readonly {
    readonly scope: string;
    readonly version: string;
    readonly candidate: string | null;
  }[];
}

/** The same as a line of a list of pages. */
export interface PromptLine extends ListedPrompt {
  /** Of any of its versions in the last 7 days. */
  readonly calls: number;
}

/** What narrows a list down; everything that is given must hold. */
export interface PromptFilter {
  /** In the name or the description, in any case. */
  readonly text?: string | undefined;
  readonly tags?: readonly string[];
  /** Of the newest version. */
  readonly status?: string | undefined;
  /** A label that serves a version of it. */
  readonly liveFor?: string | undefined;
  /** Of the newest version, with or without its provider. */
  readonly model?: string | undefined;
  /** Only where the newest version includes a version of which there is a newer one. */
  readonly stale?: boolean | undefined;
  readonly archived: boolean;
}

/** What a filter asks for that no prompt has, archived ones included, and what they have instead. */
export interface UnknownValue {
  readonly filter: "text" | "tag" | "label" | "model";
  readonly value: string;
  readonly known: readonly string[];
}

export interface FoundPrompts {
  readonly prompts: readonly ListedPrompt[];
  /** How many more there are that only `archived` keeps out. */
  readonly archived: number;
  readonly unknown: readonly UnknownValue[];
}

export interface ArchivedPrompt {
  readonly prompt: string;
  readonly archived: boolean;
  /** False: it was so already. */
  readonly changed: boolean;
}
