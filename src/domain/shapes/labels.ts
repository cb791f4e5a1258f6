/**
 * What it comes to when a tool that knows no rollouts (a Langfuse client) moves a protected label to a version without
 * evidence: a rollout of it, where the prompt has a policy, or a refusal.
 */
export const DIRECT_MOVES = ["rollout", "refuse"] as const;
export type DirectMoves = (typeof DIRECT_MOVES)[number];

export interface LabelSettings {
  /** Versions come to it by a releaser alone, or by a rollout that a releaser has approved. */
  readonly protected: boolean;
  readonly onDirectMove: DirectMoves;
  /** Takes only versions that are live at this label; null: from anywhere. */
  readonly from: string | null;
  /** How long they have to be live there, in ms. */
  readonly liveForMs: number;
}

/** Of a label that nobody has said anything about. */
export const USUAL_LABEL: LabelSettings = {
  protected: false,
  onDirectMove: "rollout",
  from: null,
  liveForMs: 0,
};

export interface ListedLabel extends LabelSettings {
  readonly label: string;
  /** How many scopes have a pointer under it. */
  readonly scopes: number;
}

export interface ChangedLabel extends LabelSettings {
  readonly label: string;
  /** False: it was so already. */
  readonly changed: boolean;
}

/** What it has come to that a label was to serve a version, or would come to. */
export interface MovedLabel {
  readonly label: string;
  /** `unchanged`: it served the version already. `rollout`: it stays where it is until the rollout promotes. */
  readonly becomes: "unchanged" | "moved" | "rollout";
  /** Null where there is none, and where nothing was done yet. */
  readonly rolloutId: string | null;
}
