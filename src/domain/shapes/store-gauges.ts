/** What is so in a whole installation at a moment. */
export interface StoreGauges {
  readonly rollouts: readonly { readonly phase: string; readonly n: number }[];
  readonly deadLetters: readonly { readonly operation: string; readonly n: number }[];
  /** What is served and is not what Git says, as the last look has found it. */
  readonly drift: readonly { readonly kind: string; readonly environment: string; readonly n: number }[];
  /** Open alerts of monitors, by the monitor's name. */
  readonly alerts: readonly { readonly monitor: string; readonly n: number }[];
  /** Since a worker last looked at monitors; null: none has. */
  readonly monitorsLookedSeconds: number | null;
  readonly canaries: number;
  /** Canaries whose lease is over. */
  readonly unattended: number;
  /** Below zero where it is over; null without a canary. */
  readonly shortestLeaseSeconds: number | null;
  readonly services: number;
  /** Outcomes that were not counted because they are older than what retention has removed, since the beginning. */
  readonly tooOldOutcomes: number;
  /** By phase: how long ago the open rollout changed that has been as it is for longest. Those that are paused are left out. */
  readonly unchanged: readonly { readonly phase: string; readonly seconds: number }[];
  /** What came in for open rollouts, by what became of it. */
  readonly intake: readonly { readonly kind: string; readonly n: number }[];
  /** How long ago the window closed of the unit that has waited for longest to be folded; 0 where none waits. */
  readonly foldLagSeconds: number;
  /** What webhooks did not take so far, and is tried again. */
  readonly notificationsRetried: number;
  /** Since what is old was last removed, or since the installation was set up. */
  readonly retentionAgeSeconds: number;
  /** Tables that the last removal left as they were. */
  readonly retentionUndone: number;
}
