import { signedIn } from "../../data/session.ts";
import type { Run } from "./use-runs.ts";

/** An answer that somebody had, with all that it takes to look at it again. */
export interface KeptRun {
  /** ISO 8601. */
  readonly at: string;
  /** As the address says a column. */
  readonly column: string;
  /** `@7`, or `my draft`. */
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly run: Extract<Run, { readonly state: "done" }>;
  /** It was chosen while nobody saw which was which. */
  readonly preferred?: true;
}

export const MOST_KEPT = 20;

/** Of one person and prompt, on this device alone. */
const placeOf = (prompt: string) => `sluice.runs ${JSON.stringify([signedIn.get()?.owner, prompt])}`;

/** The newest first. */
export function keptRuns(prompt: string): readonly KeptRun[] {
  try {
    return JSON.parse(localStorage.getItem(placeOf(prompt)) ?? "[]") as readonly KeptRun[];
  } catch {
    return [];
  }
}

/** Puts them in the place of what was kept, as many of the newest as there is room for; gives those that are kept. */
export function keepRuns(prompt: string, runs: readonly KeptRun[]): readonly KeptRun[] {
  for (let kept = runs.slice(0, MOST_KEPT); kept.length > 0; kept = kept.slice(0, -1))
    try {
      localStorage.setItem(placeOf(prompt), JSON.stringify(kept));
      return kept;
    } catch {
      // The device has no room for the oldest of them.
    }
  localStorage.removeItem(placeOf(prompt));
  return [];
}
