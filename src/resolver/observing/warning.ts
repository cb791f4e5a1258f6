import type { Reason } from "../serving/reason.ts";

/** What a resolver warns of, beside the reasons of its answers. */
export type WarningCode =
  | Reason
  | "stale"
  | "refused_metric"
  | "refused_outcome"
  | "dropped_outcome"
  | "dropped_exposure"
  | "refused_sample"
  | "record_failed"
  | "record_forbidden"
  | "snapshot_unreadable"
  | "snapshot_not_written"
  | "report_refused"
  | "refused_attribute"
  | "unknown_option"
  | "render_warning";

export interface ResolverWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}
