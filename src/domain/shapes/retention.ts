import type { RetentionKind, RetentionPeriods } from "../retention.ts";

/** That rows were removed when their time was over. */
export interface Tombstone {
  readonly rows: number;
  /** When the last of them went. */
  readonly removedAt: string;
}

/** A table that a run goes through. */
export interface RetentionStep {
  readonly table: string;
  /** What has had its time before it is removed: ISO 8601, by the database's clock when the run began. */
  readonly before: string;
}

/** What came of a run. */
export interface RetentionResult {
  /** Rows, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** Why it was not done, by table. */
  readonly problems: Readonly<Record<string, string>>;
}

/** What one run of the schedule did. */
export interface RetentionRun extends RetentionResult {
  readonly startedAt: string;
  /** Null: it is at work, or its worker is gone and another goes on with it. */
  readonly endedAt: string | null;
  readonly periods: RetentionPeriods;
}

export interface RetentionReport {
  /** For how long each kind is kept, in days; null: for ever. */
  readonly periods: RetentionPeriods;
  readonly tables: readonly {
    readonly kind: RetentionKind;
    readonly table: string;
    /** With its indexes. */
    readonly bytes: number;
    /** Rows that would be removed now; null: not counted. */
    readonly expired: number | null;
  }[];
  /** The last run; null: never. */
  readonly last: RetentionRun | null;
}
