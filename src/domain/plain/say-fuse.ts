import type { FuseReading, RolloutSetting } from "../rollout/reading.ts";
import { value } from "./amounts.ts";
import { measureOf } from "./names.ts";
import { said, type Said } from "./said.ts";

/** An emergency stop: whether the new version keeps to its limit. */
export function sayFuse(fuse: FuseReading | undefined, names: Pick<RolloutSetting, "names">): Said {
  if (!fuse || fuse.now === null) return said("calm", "Too few yet", "for the emergency stop.");
  const { metric, now, above, below, isShare, beyond, both } = fuse;
  const measure = measureOf(metric, isShare ? "rare" : "mean", names);
  const limit = value(above ?? below ?? 0, measure);
  const side = above === undefined ? "under" : "over";
  if (both)
    return said(
      "wait",
      above === undefined ? "Under its limit in both groups." : "Over its limit in both groups.",
      `${value(now, measure)}, limit ${limit}. A rollback would mend nothing.`,
    );
  if (beyond)
    return said("harm", "Emergency stop.", `${value(now, measure)} is ${side} the limit of ${limit}.`);
  return said("calm", "Within its limit.", `${value(now, measure)}, limit ${limit}.`);
}
