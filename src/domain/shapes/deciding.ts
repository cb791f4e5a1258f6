/** What `rollout anchor --json` prints. */
export interface NamedAnchor {
  /** `NAME@N`. */
  readonly anchor: string;
  readonly label: string;
}

/** A rollout that goes on under another version of the decision rules. */
export interface MovedRollout {
  readonly rolloutId: string;
  readonly prompt: string;
  readonly label: string;
}

/** What `rollout rules --json` prints. */
export interface MovedRules {
  readonly to: string;
  readonly moved: readonly MovedRollout[];
}
