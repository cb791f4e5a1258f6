/** What one scope serves. */
export interface ListedPointer {
  readonly label: string;
  /** Null: a default for every prompt. */
  readonly prompt: string | null;
  readonly model: string | null;
  readonly tenant: string | null;
  /** `support-reply@2`; null: nothing of its own, it inherits or serves nothing. */
  readonly active: string | null;
  readonly activeId: string | null;
  readonly previous: string | null;
  readonly candidate: string | null;
  readonly mode: "canary" | "holdback" | null;
  /** Per cent of units that get the candidate (or, in a holdback, the previous version). */
  readonly share: number;
  readonly rolloutId: string | null;
  /** What is left of the candidate's lease, in ms; null without a candidate. */
  readonly leaseMs: number | null;
  readonly revision: number;
  readonly updatedAt: string;
}

/** What a scope served at a moment in the past, and who had made it so. */
export interface PastPointer {
  readonly label: string;
  /** Null: a default for every prompt. */
  readonly prompt: string | null;
  readonly model: string | null;
  readonly tenant: string | null;
  /** `support-reply@2`; null: nothing of its own. */
  readonly active: string | null;
  /** The candidate that was shown to some, and to how many per cent. */
  readonly candidate: string | null;
  readonly share: number;
  readonly revision: number;
  /** When it came to serve that, by whom and why; null: it never had anything of its own. */
  readonly since: string | null;
  readonly by: string | null;
  readonly reason: string | null;
  /** The version that was taken back for it, as `support-reply@3`; null where the move was no rollback. */
  readonly tookBack: string | null;
}

export interface SetPointer {
  /** `support-reply@2`. */
  readonly serves: string;
  readonly versionId: string;
  readonly sha256: string;
  readonly revision: number;
}

export interface RolledBack {
  readonly prompt: string;
  /** What is served now, as `support-reply@1`; null where nothing of the scope's own is (inherited, or nothing). */
  readonly serves: string | null;
  readonly revision: number;
  /** False when there was nothing to undo; the revision has risen all the same. */
  readonly changed: boolean;
  /** The candidate of the rollout that this has ended, as `support-reply@2`. */
  readonly ended: string | null;
}
