import type { EditedFile } from "./edited-file.ts";

/** What somebody writes: the file, the values of its preview, and the version that it began as. */
export interface Draft {
  readonly file: EditedFile;
  readonly values: Readonly<Record<string, unknown>>;
  readonly base: number | null;
}

/** Whether two say the same, key order and all. */
export function sameDraft(one: Draft, other: Draft): boolean {
  return (
    JSON.stringify([one.file, one.values, one.base]) ===
    JSON.stringify([other.file, other.values, other.base])
  );
}

/** Where what was typed is. */
export type SaveState =
  | { readonly kind: "untouched" }
  | { readonly kind: "saving" }
  | { readonly kind: "saved"; readonly at: Date }
  /** On this device alone, and why; it is sent as soon as it can be. */
  | { readonly kind: "device"; readonly why: "away" | "signed out" | "busy" }
  /** The server does not take it, in its words. */
  | { readonly kind: "refused"; readonly why: string }
  /** The draft was saved from another window or device meanwhile: one of the two has to be chosen. */
  | { readonly kind: "clash"; readonly theirs: Draft };
