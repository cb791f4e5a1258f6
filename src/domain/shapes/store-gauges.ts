/** What is so in a whole installation at a moment. */
export interface StoreGauges {
  readonly rollouts: readonly { readonly phase: string; readonly n: number }[];
  readonly deadLetters: readonly { readonly operation: string; readonly n: number }[];
  /** What is served and is not what Git says, as the last look has found it. */
  readonly drift: readonly { readonly kind: string; readonly environment: string; readonly n: number }[];
  readonly canaries: number;
  /** Canaries whose lease is over. */
  readonly unattended: number;
  /** Below zero where it is over; null without a canary. */
  readonly shortestLeaseSeconds: number | null;
  readonly services: number;
  /** Outcomes that were not counted because they are older than what retention has removed, since the beginning. */
  readonly tooOldOutcomes: number;
}
