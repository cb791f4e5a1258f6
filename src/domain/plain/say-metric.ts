import type { Evidence } from "../rollout/verdict.ts";
import { MIN_VALUES } from "../policy/policy.ts";
import type { MetricReading, RolloutSetting } from "../rollout/reading.ts";
import { size, value } from "./amounts.ts";
import { comparatives, measureOf } from "./names.ts";
import { sayCoverage, saySplit } from "./say-quality.ts";
import { sayFuse } from "./say-fuse.ts";
import { sayRare } from "./say-rare.ts";
import { said, type Said } from "./said.ts";
import { saySegment } from "./say-segment.ts";

type Setting = Pick<RolloutSetting, "users" | "names" | "readings" | "fuses">;

/** What a line of evidence says, for somebody who knows no statistics. */
export function sayLine(line: Evidence, setting: Setting): Said {
  switch (line.role) {
    case "split":
      return saySplit(line, setting);
    case "coverage":
      return sayCoverage(line, setting);
    case "fuse":
      return sayFuse(
        setting.fuses.find(({ metric }) => metric === line.metric),
        setting,
      );
    case "segment": {
      const found = setting.readings.find(
        ({ metric, segment }) => metric === line.metric && segment === line.segment,
      );
      return saySegment(line, found, setting);
    }
    case "goal":
    case "guardrail": {
      const found = setting.readings.find(
        ({ metric, segment }) => metric === line.metric && segment === undefined,
      );
      if (!found) return said(line.verdict === "harm" ? "harm" : "calm", "Measured.", line.note);
      return found.kind === "rare" ? sayRare(line, found, setting) : sayMean(line, found, setting);
    }
  }
}

/** A mean, a share of answers or a ratio. */
function sayMean(line: Evidence, reading: MetricReading, { users, names }: Setting): Said {
  const { verdict, n, mean } = line;
  if (reading.trouble === "unusable") return said("wait", "Cannot be used.", "Some values are not numbers.");
  const measure = measureOf(line.metric, reading.kind, { names });
  const { worse, better } = comparatives(reading, measure);
  const sides =
    mean.candidate === null || mean.control === null
      ? ""
      : `${value(mean.candidate, measure)} against ${value(mean.control, measure)}.`;
  if (reading.trouble === "constant" && verdict !== "harm")
    return said("calm", "Nothing to compare.", "Every value is the same.");
  switch (verdict) {
    case "not_enough_data":
      return said(
        "calm",
        "Too few yet.",
        `${Math.min(n.candidate, n.control)} of ${MIN_VALUES} ${users} needed in each group.`,
      );
    case "harm":
      return said("harm", "Worse.", harmText());
    case "met":
      // What is not shown by policy blocks nothing, and so is met.
      return reading.claim === "harmless" ? okSoFar() : met();
    case "not_yet":
      return notYet();
    default:
      return okSoFar();
  }

  function harmText(): string {
    const best = reading.harm?.scale === "difference" ? reading.harm.edge : null;
    const about = worseBy(line, reading);
    if (best === null || about === null) return `Every answer of the new version is worse. ${sides}`.trim();
    const tolerated = reading.tolerated ?? 0;
    if (tolerated > 0) {
      const part =
        reading.toleratedPart === undefined
          ? ""
          : ` (${Number((reading.toleratedPart * 100).toPrecision(3))} %)`;
      return `About ${size(about, measure)} ${worse}, certainly more than the ${size(tolerated, measure)}${part} that are allowed.`;
    }
    const within =
      reading.allowed !== null && about <= reading.allowed
        ? ` A release would allow ${size(reading.allowed, measure)}.`
        : "";
    return `About ${size(about, measure)} ${worse}, certainly at least ${size(best, measure, "down")}.${within}`;
  }

  function okSoFar(): Said {
    const range = betterFor(line, reading);
    if (range !== null && range.worst > 0)
      return said(
        "calm",
        `${capital(better)} so far.`,
        `About ${size(range.about, measure)}, in the worst case ${size(range.worst, measure, "down")}.`,
      );
    return said("calm", "No worse so far.", sides);
  }

  /** Above 0: better. */
  function worstCase(): number | null {
    const edge = reading.release?.scale === "difference" ? reading.release.edge : null;
    return edge === null ? null : reading.direction === "higher" ? edge : -edge;
  }

  function met(): Said {
    const worst = worstCase();
    if (worst === null) return said("good", "Good enough.", sides);
    if (worst > 0)
      return said(
        "good",
        `${capital(better)}.`,
        `In the worst case still ${size(worst, measure, "down")} ${better}.`,
      );
    return said(
      "good",
      "Good enough.",
      `In the worst case ${size(worst, measure, "up")} ${worse}; ${allowedText()}.`,
    );
  }

  function notYet(): Said {
    const worst = worstCase();
    if (worst === null) return said("calm", "Not certain yet.", sides);
    const bad = `${size(worst, measure, "up")} ${worst <= 0 ? worse : better}`;
    if (reading.claim === "superior")
      return said("calm", "Not certain yet.", `It has to be ${better}; in the worst case it is ${bad}.`);
    return said("calm", "Not certain yet.", `In the worst case ${bad}; ${allowedText()}.`);
  }

  function allowedText(): string {
    return reading.allowed === null ? "nothing is allowed" : `${size(reading.allowed, measure)} are allowed`;
  }
}

/** By how much the new version is worse, as far as is known; below 0: better. */
export function worseBy(
  { mean, diff }: Evidence,
  { direction }: Pick<MetricReading, "direction">,
): number | null {
  const seen = mean.candidate === null || mean.control === null ? null : mean.candidate - mean.control;
  const difference = diff ?? seen;
  if (difference === null) return null;
  return direction === "higher" ? -difference : difference;
}

function betterFor(line: Evidence, reading: MetricReading) {
  const worse = worseBy(line, reading);
  if (worse === null || line.ci === null) return null;
  const worst = reading.direction === "higher" ? line.ci[0] : -line.ci[1];
  return { about: -worse, worst };
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
