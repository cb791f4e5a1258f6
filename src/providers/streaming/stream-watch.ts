import type { StreamLimits } from "./watchdog.ts";

/** Who listens to an answer while it comes, and how long it may be silent. */
export interface StreamWatch {
  readonly onText: (text: string) => void;
  readonly limits: StreamLimits;
}
