/** What earlier promotions since the anchor have used of a metric's margin. */
export interface LedgerEntry {
  /** Sum over them of each one's loss and one standard error of it; a part where the margin is relative. */
  readonly spent: number;
  readonly steps: number;
}

/** Of a scope, when a rollout begins. */
export interface Ledger {
  /** Version id of the anchor; null where nothing was promoted since. */
  readonly anchor: string | null;
  /** `support-reply@2`. */
  readonly anchorName: string | null;
  readonly metrics: Readonly<Record<string, LedgerEntry>>;
}

/** What one promotion has cost a metric: above 0 is worse. */
export interface LedgerStep {
  readonly loss: number;
  readonly se: number;
}
