import { counted } from "../../../domain/text/counted.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { hasVersion, parseReference } from "../../../domain/names.ts";
import { columnsScope, describeScope } from "../../../domain/scope.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { parsePastTime } from "../../parsing/past-time.ts";
import { withSluice } from "../../store.ts";
import { clock, wrap } from "../../../terminal/text-layout.ts";
import { comparedUsage, usageTables } from "../../showing/usage-tables.ts";

export async function run(context: CommandContext, given: Given<"usage">): Promise<void> {
  const { output } = context;
  const references = [given.required(0), ...given.rest(1)].map(parseReference);
  const [{ prompt }] = references as [(typeof references)[0]];
  refuseMixed(references);
  const scope = given.scope(prompt);
  const since = sinceOf(given.requiredText("since"));
  const isNamed = references.some(hasVersion);
  const result = await withSluice(context, (sluice) =>
    sluice.usage({ ...scope, since, versions: isNamed ? [given.required(0), ...given.rest(1)] : undefined }),
  );
  const { versions } = result;
  for (const { version, moreMetrics, metrics } of versions)
    if (moreMetrics > 0)
      output.note(
        `${prompt}@${version} has ${counted(metrics.length + moreMetrics, "metric")}; the ${metrics.length} that most outcomes carried are shown`,
      );
  const { width, paint } = output;
  output.result(result, () => [
    ...wrap(`${describeScope(columnsScope(scope))}, since ${clock(since.toISOString())}`, width).map(
      paint.bold,
    ),
    ...(versions.length === 0
      ? wrap(
          "no outcome has been recorded; services record them with prompts.record, an operator with sluice record",
          width,
        )
      : isNamed && versions.length > 1
        ? comparedUsage(versions, width)
        : usageTables(versions, width)),
  ]);
}

/** One prompt, as it is, or some of its versions. */
function refuseMixed(references: readonly ReturnType<typeof parseReference>[]): void {
  const [first] = references;
  for (const { prompt, number, semver } of references) {
    if (prompt !== first!.prompt)
      throw invalidInput(`versions of one prompt can be compared, not of ${first!.prompt} and ${prompt}`);
    if (references.length > 1 && number === undefined && semver === undefined)
      throw invalidInput(`"${prompt}" names no version; to compare, write ${prompt}@7 ${prompt}@8`);
  }
}

const HOUR_MS = 3_600_000;

/** The beginning of that hour: the record is kept by the hour. */
function sinceOf(text: string): Date {
  return new Date(Math.floor(parsePastTime(text, new Date()).getTime() / HOUR_MS) * HOUR_MS);
}
