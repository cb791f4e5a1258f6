import { BUCKETS } from "../../domain/rollout/assignment.ts";
import { invalidInput } from "../../domain/errors.ts";
import { canaryOf, recordedMetrics, type RolloutPolicy } from "../../domain/policy/policy.ts";
import { parseMargin, parseShare, type Margin } from "../../domain/policy/quantity.ts";
import { didYouMean } from "../../domain/text/suggestion.ts";
import { shown } from "../../domain/text/visible.ts";
import type { ImaginedSegment } from "./simulation.ts";

const FORM = "write segment=value:share, and what changes there alone: language=de:2%:success=-0.8";

/**
 * Users of some values of one segment: `language=de:2%:success=-0.8` are 2 % of all, for whom the candidate's success
 * falls by 80 points. The policy has to name the segment; anything else is `invalid_input`.
 */
export function imagineSegments(policy: RolloutPolicy, given: readonly string[]): ImaginedSegment[] {
  const canary = canaryOf(policy);
  const segments = canary.segments ?? [];
  const metrics = recordedMetrics(canary);
  const found = given.map((text): ImaginedSegment => {
    const [name = "", share = "", ...changes] = text.split(":").map((part) => part.trim());
    const at = name.indexOf("=");
    const [segment, value] = [name.slice(0, Math.max(0, at)), name.slice(at + 1)];
    const buckets = parseShare(share);
    if (at < 1 || value === "" || buckets === undefined) throw wrong(`${shown(text)}: ${FORM}`);
    if (!segments.includes(segment))
      throw wrong(
        segments.length === 0
          ? `the policy names no segments: give its canary segments: [${shown(segment)}]`
          : `the policy has no segment ${shown(segment)}${didYouMean(segment, segments) || `; it has ${segments.join(", ")}`}`,
      );
    return {
      segment,
      value,
      share: buckets / BUCKETS,
      changes: Object.fromEntries(changes.map((change) => changeOf(change, metrics))),
    };
  });
  const names = new Set(found.map(({ segment }) => segment));
  if (names.size > 1)
    throw wrong(`values of one segment can be imagined at a time, not of ${[...names].join(" and ")}`);
  const values = found.map(({ value }) => value);
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw wrong(`${shown(twice)} is named twice`);
  if (found.reduce((sum, { share }) => sum + share, 0) > 1 + 1e-9)
    throw wrong("the shares of its values are more than 100 % together");
  return found;
}

function changeOf(text: string, metrics: readonly string[]): [string, Margin] {
  const at = text.indexOf("=");
  const metric = text.slice(0, Math.max(0, at)).trim();
  const change = parseMargin(
    text
      .slice(at + 1)
      .trim()
      .replace(/^\+/, ""),
  );
  if (at < 1 || !change) throw wrong(`${shown(text)} is no change: ${FORM}`);
  if (!metrics.includes(metric))
    throw wrong(
      `the policy has no metric ${shown(metric)}${didYouMean(metric, metrics) || `; it has ${metrics.join(", ")}`}`,
    );
  return [metric, change];
}

function wrong(what: string) {
  return invalidInput(`--segment: ${what}`, { option: "segment" });
}
