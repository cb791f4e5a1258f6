/** What is done by the clock for an installation, whichever of its workers is there. */
export const SCHEDULED = ["retention"] as const;
export type ScheduledName = (typeof SCHEDULED)[number];
