export interface CallerTask {
  /** Where it reads and records. */
  readonly source: string;
  readonly modelUrl: string;
  /** Calls, the last one exclusive. */
  readonly from: number;
  readonly to: number;
  readonly seed: number;
}

export type CallNote =
  | { readonly n: number; readonly at: "begin" }
  | {
      readonly n: number;
      readonly at: "end";
      /** `ok`, or why there was no answer. */
      readonly kind: string;
      readonly attempts: number;
      /** Of a call that was called off: from then on, in milliseconds. */
      readonly settledMs: number | null;
    }
  | {
      readonly at: "rest";
      /** By how much the machine kept this process waiting at p99, in milliseconds. */
      readonly lateMs: number;
      /** What is still under way when all calls have ended: `TCPSocketWrap` of kept connections alone. */
      readonly left: readonly string[];
    };

export const LATENCY_MS = 8;
/** Calls of one service under way at once. */
export const AT_ONCE = 16;

/** The outcome's id of a call. */
export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}
