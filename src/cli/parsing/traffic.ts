import { invalidInput } from "../../domain/errors.ts";
import { shown } from "../../domain/text/visible.ts";

const PER_DAY: Readonly<Record<string, number>> = { "": 1, day: 1, d: 1, hour: 24, h: 24 };

/** Units a day of `--traffic 5000`, `5000/day` or `200/h`. */
export function trafficOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)(?:\s*\/\s*(day|d|hour|h))?$/.exec(text.trim());
  const perDay = match ? Number(match[1]) * PER_DAY[match[2] ?? ""]! : Number.NaN;
  if (!(perDay > 0) || !Number.isFinite(perDay))
    throw invalidInput(`--traffic ${shown(text)}: write units a day, for example 5000/day or 200/h`, {
      option: "traffic",
    });
  return perDay;
}
