/** The only thing about a version that changes; derived from rollouts and pointers, never stored. */
export type VersionStatus = (typeof VERSION_STATUSES)[number];
export const VERSION_STATUSES = ["draft", "testing", "live", "retired", "archived"] as const;

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

/** The status as it is shown: a retired version says what it retired from. */
export function describeVersionStatus(version: {
  readonly status: VersionStatus;
  readonly wasLive: boolean;
  readonly rollout: { readonly outcome: string | null } | null;
}): string {
  if (version.status !== "retired") return version.status;
  return `retired (${version.wasLive ? "was live" : (version.rollout?.outcome ?? "never live").replaceAll("_", " ")})`;
}

/** Live is said before all else; a version that nobody has rolled out yet is a draft. */
export function versionStatus({ active, rollingOut, past, archived }: VersionCareer): VersionStatus {
  if (active) return "live";
  if (rollingOut) return "testing";
  if (archived) return "archived";
  return past ? "retired" : "draft";
}
