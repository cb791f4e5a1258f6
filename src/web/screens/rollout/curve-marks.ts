import type { RolloutCurve } from "../../../domain/shapes/curve.ts";
import type { ChartMark } from "../../chart/curve.ts";
import { type Axis, placesOf } from "./drawn-curve.ts";

const WORDS: Readonly<Record<string, string>> = {
  approved: "approved",
  rolled_back: "rolled back",
  promoted: "released",
  paused: "paused",
  resumed: "goes on",
  unattended: "unattended",
};

/** What happened meanwhile, where it stands on the axis: by users, at the look before it. */
export function marksOf(found: Pick<RolloutCurve, "at" | "units" | "marks">, axis: Axis): ChartMark[] {
  const places = placesOf(found, axis);
  return found.marks.flatMap(({ at, kind, text }): ChartMark[] => {
    const share = kind === "stage_opened" ? /[\d.]+ ?%/.exec(text)?.[0] : undefined;
    const said = share?.replace(/ ?%/, " %") ?? WORDS[kind];
    if (said === undefined) return [];
    const moment = Date.parse(at);
    if (axis === "time") return [{ at: moment, text: said }];
    const look = found.at.findLastIndex((one) => Date.parse(one) <= moment);
    return [{ at: look < 0 ? 0 : (places[look] ?? 0), text: said }];
  });
}
