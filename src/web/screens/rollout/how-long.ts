import type { RolloutCurve } from "../../../domain/shapes/curve.ts";

/** Traffic of this time says what comes next. */
const RECENT_MS = 6 * 3_600_000;

export interface HowLong {
  /** That each group still lacks. */
  readonly users: number;
  /** When they will have come, if they come as they did; null where nobody comes. */
  readonly at: Date | null;
}

/** How many users a stage still lacks, and when it will have had them by what came in the last hours. */
export function howLong(
  stage: { readonly until: string; readonly unitsLeft: number } | null | undefined,
  { at, units }: Pick<RolloutCurve, "at" | "units">,
): HowLong | undefined {
  if (!stage || stage.unitsLeft <= 0) return undefined;
  const users = stage.unitsLeft;
  const last = at.length - 1;
  const end = Date.parse(at[last] ?? "");
  const first = at.findIndex((moment) => Date.parse(moment) >= end - RECENT_MS);
  const seen = (index: number) => Math.min(units.new[index] ?? 0, units.current[index] ?? 0);
  const came = last > first && first >= 0 ? seen(last) - seen(first) : 0;
  if (came <= 0) return { users, at: null };
  const perMs = came / (end - Date.parse(at[first]!));
  const enough = end + users / perMs;
  return { users, at: new Date(Math.max(enough, Date.parse(stage.until))) };
}
