/** An outcome that came with what a user said, or with a sample of what was asked and answered. */
export interface ListedFeedback {
  readonly outcomeId: string;
  readonly version: number;
  readonly receivedAt: string;
  readonly rolloutId: string | null;
  readonly arm: "candidate" | "control" | null;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly feedback: string | null;
  /** `{variables, output}`, as the service gave them. */
  readonly sample: unknown;
}
