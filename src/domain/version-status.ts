/** The only thing about a version that changes; derived from rollouts and pointers, never stored. */
export type VersionStatus = "draft" | "testing" | "live" | "retired" | "archived";

/** What the store knows of a version's career. */
export interface VersionCareer {
  /** Some pointer serves it to everybody in its scope. */
  readonly active: boolean;
  /** A rollout of it is running. */
  readonly rollingOut: boolean;
  /** It was live once, or a rollout of it has ended. */
  readonly past: boolean;
  readonly archived: boolean;
}

/** Live is said before all else; a version that nobody has rolled out yet is a draft. */
export function versionStatus({ active, rollingOut, past, archived }: VersionCareer): VersionStatus {
  if (active) return "live";
  if (rollingOut) return "testing";
  if (archived) return "archived";
  return past ? "retired" : "draft";
}
