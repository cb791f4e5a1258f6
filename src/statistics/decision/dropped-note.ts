import { count, percent } from "./wording.ts";

/** Outcomes that services had no room for, by version, and those of enrolled units that came. */
export interface DroppedCounts {
  readonly candidate: number;
  readonly control: number;
  readonly received: number;
}

/**
 * What a verdict was made without. It decides nothing: services drop whatever comes when they have no room, of either
 * version alike, and where one loses more of them its values go missing, which is judged by their coverage.
 */
export function droppedNote(dropped: DroppedCounts | undefined): string | undefined {
  if (!dropped) return undefined;
  const { candidate, control, received } = dropped;
  const lost = candidate + control;
  if (lost === 0) return undefined;
  const part = percent(lost / (lost + received));
  return `${part} of the outcomes never came, as services had no room for them: ${count(candidate)} of the candidate's and ${count(control)} of the control's`;
}
