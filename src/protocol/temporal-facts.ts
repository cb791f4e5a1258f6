/** What Temporal says of an installation's part of it. */
export interface TemporalFacts {
  readonly address: string;
  readonly namespace: string;
  /** Of the server. */
  readonly version: string;
  /** For how long a closed workflow can be looked at, in days. */
  readonly retentionDays: number | null;
  /** Those of Sluice that are not registered. */
  readonly missingAttributes: readonly string[];
  /** Those that are of another type than Keyword. */
  readonly foreignAttributes: readonly string[];
  /** Workers that polled a moment ago, by task queue. */
  readonly workers: Readonly<Record<string, number>>;
  /** What is done by the clock: missing, paused with the reason, or when it was last done. */
  readonly schedules: Readonly<Record<string, ScheduleFacts>>;
}

export type ScheduleFacts =
  | { readonly state: "missing" }
  | { readonly state: "paused"; readonly note: string }
  | { readonly state: "runs"; readonly lastAt: string | null; readonly nextAt: string | null };
