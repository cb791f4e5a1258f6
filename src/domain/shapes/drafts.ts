/** A draft in a list: whose it is, and how old. */
export interface ListedDraft {
  readonly draftId: string;
  readonly prompt: string;
  /** The number of the version that it began as; null: none. */
  readonly base: number | null;
  readonly owner: string;
  /** Whether it is that of whoever asks. Nobody else changes it. */
  readonly mine: boolean;
  /** Rises by one with each save. */
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** When it is removed, unless somebody works on it. */
  readonly keptUntil: string;
}

/** A draft with what it says. */
export interface WholeDraft extends ListedDraft {
  /** A prompt file without its name, as it was written: it need not be right. */
  readonly file: Readonly<Record<string, unknown>>;
  /** What its variables are in the preview. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** How a draft was at some time. */
export interface DraftRevision {
  readonly revision: number;
  readonly base: number | null;
  readonly at: string;
}

/** What somebody can want of a draft. */
export const DRAFT_ACTS = ["save", "discard"] as const;
export type DraftAct = (typeof DRAFT_ACTS)[number];
