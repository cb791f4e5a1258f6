import { counted, grouped } from "../text/counted.ts";
import type { RolloutSetting } from "../rollout/reading.ts";
import type { Evidence } from "../rollout/verdict.ts";
import { people, share } from "./amounts.ts";
import { titleOf } from "./names.ts";
import { said, type Said } from "./said.ts";

/** Odds against an even split, or against answers that come alike, from which on nothing moves. */
const HELD = 1 / 100;
/** What p may be off by, as it is the e-value's inverse. */
const NEARLY = 1 + 1e-9;

/** Whether a check holds a rollout where it is, without ending it. */
export function holds({ verdict, p }: Evidence): boolean {
  return verdict === "ok" && p !== null && p <= HELD * NEARLY;
}

/** Whether both groups have as many users as they should. */
export function saySplit(line: Evidence, { users }: Pick<RolloutSetting, "users">): Said {
  const sides = `${grouped(line.n.candidate)} and ${people(line.n.control, users)}`;
  const uneven = `${sides} where equal numbers were expected.`;
  if (line.verdict === "invalid") return said("harm", "Not a fair comparison.", uneven);
  if (holds(line)) return said("wait", "Uneven.", `${uneven} Nothing moves until it settles.`);
  return said("calm", "Fair.", `${sides}.`);
}

/** Whether a metric comes for as many users of one group as of the other. */
export function sayCoverage(
  line: Evidence,
  setting: Pick<RolloutSetting, "users" | "names" | "readings">,
): Said {
  const { metric, n, mean, verdict } = line;
  const { users } = setting;
  const what = titleOf(metric, setting);
  if (mean.candidate !== null && mean.control !== null)
    return said(
      "calm",
      "Shown only.",
      `${what}: from ${share(mean.candidate)} of the ${users} of the new version, from ${share(mean.control)} with the current one.`,
    );
  const sides = `${grouped(n.candidate)} and ${people(n.control, users)}`;
  if (verdict === "harm")
    return said(
      "harm",
      "Worse: answers go missing with the new version.",
      `${what} came for ${people(n.candidate, users)}, and for ${grouped(n.control)} with the current one.`,
    );
  if (verdict === "invalid") return said("harm", "Not a fair comparison.", `${what} came for ${sides}.`);
  if (holds(line))
    return said("wait", "Missing on one side.", `${what} came for ${sides}. Nothing moves until it settles.`);
  return said("calm", "Comes in alike.", `${what} came for ${sides}.`);
}

/** Nothing has been heard of a metric for longer than is allowed. */
export function sayStale(
  metric: string,
  { silentMs, allowedMs }: { readonly silentMs: number; readonly allowedMs: number },
  setting: Pick<RolloutSetting, "names">,
): Said {
  const minutes = (ms: number) => Math.max(1, Math.round(ms / 60_000));
  return said(
    "wait",
    "Nothing heard.",
    `No ${titleOf(metric, setting).toLowerCase()} from the new version for ${counted(minutes(silentMs), "minute")}; ${minutes(allowedMs)} are allowed.`,
  );
}
