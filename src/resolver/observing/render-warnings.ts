import type { Serving } from "../serving/serving.ts";
import type { Tally } from "./resolver-metrics.ts";
import type { Warnings } from "./warnings.ts";

/** Counts what renderings warn of, and tells it under the name of the version. */
export function renderWarnings(
  tally: Tally,
  warnings: Warnings,
): (serving: Serving, messages: readonly string[]) => void {
  return (serving, messages) => {
    tally.countRenderWarnings(serving, messages);
    const { prompt, version } = serving;
    const name = version.number === null ? "fallback" : `${prompt}@${version.number}`;
    for (const message of messages) warnings.report("render_warning", `${name}: ${message}`, { prompt });
  };
}
