import type { MetricReading, RolloutSetting } from "../rollout/reading.ts";
import type { Evidence } from "../rollout/verdict.ts";
import { outOf, size } from "./amounts.ts";
import { comparatives, measureOf, titleOf } from "./names.ts";
import { said, type Said } from "./said.ts";

type Setting = Pick<RolloutSetting, "users" | "names">;

/** Users of one tenant, model or attribute, whom harm to a few is looked for among. */
export function saySegment(line: Evidence, reading: MetricReading | undefined, setting: Setting): Said {
  const [name = "", value = ""] = (line.segment ?? "").split("=");
  const who = `${setting.users.slice(0, 1).toUpperCase()}${setting.users.slice(1)} with ${name.replaceAll("_", " ")} ${value}`;
  if (line.verdict !== "harm" || !reading) return said("calm", "No worse so far.", `${who}.`);
  return said(
    "harm",
    "Worse for some.",
    `${who}: ${what(line, reading, setting)}. On average nothing shows.`,
  );
}

function what(line: Evidence, reading: MetricReading, setting: Setting): string {
  const title = titleOf(line.metric, setting).toLowerCase();
  const { candidate, control } = line.mean;
  if (reading.counts)
    return `${title} ${outOf(reading.counts.candidate)}, ${outOf(reading.counts.control)} with the current version`;
  const measure = measureOf(line.metric, reading.kind, setting);
  const { worse } = comparatives(reading, measure);
  const best = reading.harm?.scale === "difference" ? reading.harm.edge : null;
  if (candidate === null || control === null || best === null)
    return `${title} is ${worse} with every answer`;
  return `${title} about ${size(candidate - control, measure)} ${worse}, certainly at least ${size(best, measure, "down")}`;
}
