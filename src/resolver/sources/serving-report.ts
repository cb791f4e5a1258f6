import type { ScopeColumns } from "../../domain/scope.ts";

/** What one resolver says of itself: the argument of `sluice.report_serving`. */
export interface ServingReport {
  /** A UUID, new for each resolver. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly sdkVersion: string;
  readonly label: string;
  /** `serves` is all there is; otherwise what has changed since the last report. */
  readonly whole: boolean;
  /** It has been closed: nobody waits for it any more. */
  readonly closed: boolean;
  readonly serves: readonly ServedRevision[];
  /** Not in memory any more. */
  readonly dropped: readonly ScopeColumns[];
}

/** The newest revision of a pointer that is served; 0: what the pointer names cannot be. */
export interface ServedRevision extends ScopeColumns {
  readonly revision: number;
}

/** Marks a failure to report that trying again soon cannot mend, for example a role without the right to. */
export class ReportRefused extends Error {
  override readonly name = "ReportRefused";
}
