import type { MetricReading, RolloutSetting } from "../rollout/reading.ts";
import type { Evidence } from "../rollout/verdict.ts";
import { outOf, share, times, value } from "./amounts.ts";
import { measureOf } from "./names.ts";
import { said, type Said } from "./said.ts";

type Setting = Pick<RolloutSetting, "users" | "names">;

/** A rare event, as errors are: how many users met it, with the new version and with the current one. */
export function sayRare(line: Evidence, reading: MetricReading, setting: Setting): Said {
  const { counts, direction } = reading;
  if (reading.trouble === "unusable" || !counts)
    return said("wait", "Cannot be used.", "Some values are not numbers.");
  const { candidate, control } = counts;
  if (reading.watches === "silence") return saySilence(line, counts, setting);
  if (reading.watches === "cap" && line.verdict === "harm") return sayOverCap(reading, setting);
  const sides = `${outOf(candidate)} against ${outOf(control)}`;
  if (line.verdict === "harm") {
    const often = direction === "lower" ? "More often." : "Less often.";
    return said("harm", often, `${sides}: ${certainly(reading)}.`);
  }
  if (candidate.units === 0 || control.units === 0)
    return said("calm", "Too few yet.", `No ${setting.users} have been seen to their end in one group.`);
  const isShown = reading.claim !== "harmless";
  if (candidate.events + control.events === 0 && (!isShown || line.verdict !== "met"))
    return said("calm", "None yet", "in either group.");
  if (!isShown && reading.watches === undefined)
    return said(
      "calm",
      "Not shown, by policy.",
      `No sign of ${direction === "lower" ? "more" : "fewer"}: ${sides}.`,
    );
  if (line.verdict === "met") {
    const limit =
      reading.limit === undefined ? "what is allowed" : `the ${share(reading.limit)} that are allowed`;
    return said("good", "Good enough.", `${sides}; in the worst case still within ${limit}.`);
  }
  if (line.verdict === "not_yet") return said("calm", "Not certain yet.", `${sides}${worstOf(reading)}.`);
  return said("calm", direction === "lower" ? "No more often so far." : "No less often so far.", `${sides}.`);
}

/** What is certain of a harm: the line that its bound is past. */
function certainly({ harm, direction }: MetricReading): string {
  const line = harm?.line ?? 1;
  if (line === 1) return `certainly ${direction === "lower" ? "more" : "less"} often`;
  return direction === "lower"
    ? `certainly more than ${times(line)} as many`
    : `certainly fewer than one for ${decimalOf(line)} of the current ones`;
}

function decimalOf(line: number): string {
  return String(Number(line.toPrecision(2)));
}

/** How bad it may still be, against what is allowed. */
function worstOf({ release, limit, counts }: MetricReading): string {
  if (!release || release.edge === null) return "";
  if (release.scale === "ratio")
    return `; in the worst case ${times(release.edge, "up")} as often; ${times(release.line)} are allowed`;
  const control = counts && counts.control.units > 0 ? counts.control.events / counts.control.units : 0;
  const worst = share(release.edge, "up");
  const allowed = limit === undefined ? share(release.line) : share(Math.max(0, limit - control));
  return `; in the worst case ${worst} of the users more; ${allowed} are allowed`;
}

function saySilence(
  { verdict }: Evidence,
  { candidate, control }: NonNullable<MetricReading["counts"]>,
  { users }: Setting,
): Said {
  if (verdict === "harm")
    return said(
      "harm",
      "Answers go missing.",
      `${outOf(candidate)} ${users} of the new version got no answer in time, ${outOf(control)} with the current one.`,
    );
  if (candidate.events + control.events === 0)
    return said("calm", "None missing.", `Every one of the ${users} got an answer so far.`);
  return said(
    "calm",
    "No more than now.",
    `${outOf(candidate)} got no answer in time, ${outOf(control)} with the current one.`,
  );
}

function sayOverCap({ cap, counts, metric }: MetricReading, { names }: Setting): Said {
  const { candidate, control } = counts!;
  const measure = measureOf(cap?.of ?? metric, "mean", { names });
  const what = measure.kind === "money" ? "cost more than" : "were above";
  const above = cap ? value(cap.above, measure) : "the cap";
  return said(
    "harm",
    "A few are far over.",
    `${outOf(candidate)} ${what} ${above}, ${outOf(control)} with the current one.`,
  );
}
