import { counted, wordFor } from "../../../domain/text/counted.ts";
import type { Recomputed } from "../../../domain/shapes/verification.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import type { Output } from "../../../terminal/output.ts";
import { rolloutOf } from "../../parsing/rollout-argument.ts";
import { withSluice } from "../../store.ts";
import { clock, wrap } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"audit recompute">): Promise<number> {
  const { output } = context;
  const found = await withSluice(context, (sluice) => sluice.recompute(rolloutOf(given)));
  output.result(found, () => lines(found, output));
  return found.identical ? EXIT.yes : EXIT.no;
}

function lines(
  { looks, different, first, codeVersions, notComputed, removed }: Recomputed,
  { width }: Output,
): string[] {
  const unknown = Object.entries(notComputed);
  const computed = looks - unknown.reduce((sum, [, n]) => sum + n, 0);
  const skipped = unknown.map(
    ([version, n]) =>
      `${counted(n, "look")} of version ${version} of the decision rules, which this Sluice does not have: not computed`,
  );
  return [
    ...(looks === 0 ? ["no look at the evidence was stored: the rollout has had no canary"] : []),
    ...(computed > 0 ? outcomeOf(computed, different, first, Object.keys(codeVersions)) : []),
    ...skipped,
    ...(removed
      ? [
          `${counted(removed.rows, "look")} more, which decided nothing, ${wordFor(removed.rows, "was", "were")} removed ${clock(removed.removedAt)} when ${wordFor(removed.rows, "its", "their")} time was over (sluice retention): not computed`,
        ]
      : []),
  ].flatMap((line) => wrap(line, width));
}

function outcomeOf(
  looks: number,
  different: number,
  first: Recomputed["first"],
  versions: readonly string[],
): string[] {
  const rules = `by version ${versions.join(" and ")} of the decision rules`;
  if (first === null)
    return [
      looks === 1
        ? `identical: the one look comes out as it was stored, ${rules}`
        : `identical: each of ${counted(looks, "look")} comes out as it was stored, ${rules}`,
    ];
  return [
    `NOT identical: ${different} of ${counted(looks, "look")} ${wordFor(different, "comes", "come")} out otherwise, ${rules}`,
    `first look ${first.tick} (${clock(first.at)}), ${first.field}: stored ${JSON.stringify(first.stored)}, computed ${JSON.stringify(first.computed)}`,
  ];
}
