export interface DeadLetterRow {
  readonly id: string;
  readonly operationId: string;
  /** What could not be done, for example `notify`. */
  readonly operation: string;
  readonly prompt: string | null;
  readonly rolloutId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly error: { readonly code: string; readonly message: string };
  readonly status: "open" | "redriven" | "discarded";
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolution: string | null;
}
