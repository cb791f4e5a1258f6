import type { EpochExposures } from "../../domain/rollout/verdict.ts";
import { counted } from "../../domain/text/counted.ts";
import { duration } from "./wording.ts";

/** The window that closes next: how long it is, and in how long it does. */
export interface NextClosing {
  readonly windowMs: number;
  readonly inMs: number;
}

/**
 * What ends the waiting for units whose window is open: `612 units wait for their window; the first closes in
 * 11 minutes`. Empty when none does. Of a window that others close before it is known only how long it is.
 */
export function waitingFor(
  {
    exposures,
    cells,
    nextClosing,
  }: {
    readonly exposures: readonly EpochExposures[];
    readonly cells: readonly { readonly metric: string; readonly units: number }[];
    readonly nextClosing?: NextClosing | null;
  },
  metric: string,
  windowMs: number,
): string {
  const exposed = exposures.reduce((sum, { candidate, control }) => sum + candidate + control, 0);
  const closed = cells.reduce((sum, cell) => (cell.metric === metric ? sum + cell.units : sum), 0);
  const open = exposed - closed;
  if (!(open > 0)) return exposed === 0 ? "no unit has been exposed yet" : "";
  const wait = counted(open, "unit waits for its window", "units wait for their window");
  if (!nextClosing) return `${wait} of ${duration(windowMs)}`;
  return nextClosing.windowMs === windowMs
    ? `${wait}; the first closes in ${duration(nextClosing.inMs)}`
    : `${wait}, which closes ${duration(windowMs)} after their first request`;
}
