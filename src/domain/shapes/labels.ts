export interface ListedLabel {
  readonly label: string;
  /** Versions come to it by a releaser alone, or by a rollout that a releaser has approved. */
  readonly protected: boolean;
  /** How many scopes have a pointer under it. */
  readonly scopes: number;
}

export interface ProtectedLabel {
  readonly label: string;
  readonly protected: boolean;
  /** False: it was so already. */
  readonly changed: boolean;
}
