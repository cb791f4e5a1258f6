import { recomputeRollout, type Recomputed } from "../../use-cases/recompute-rollout.ts";
import type { CommandArguments } from "../command-arguments.ts";
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { rolloutOf } from "../rollout-argument.ts";
import { reading } from "../store.ts";
import { clock, counted, wrap } from "../text-layout.ts";

export async function run(context: CommandContext, given: CommandArguments): Promise<number> {
  const { output } = context;
  const found = await reading(context, async (db) => recomputeRollout(db, await rolloutOf(db, given)));
  output.result(found, () => lines(found, output));
  return found.identical ? EXIT.yes : EXIT.no;
}

function lines({ looks, different, first, codeVersion, ...found }: Recomputed, { width }: Output): string[] {
  const others = Object.entries(found.otherCodeVersions).map(
    ([version, n]) =>
      `${n} of the looks were decided by version ${version} of the decision code; this is version ${codeVersion}`,
  );
  const said =
    looks === 0
      ? ["no look at the evidence was stored: the rollout has had no canary"]
      : first === null
        ? [
            looks === 1
              ? "identical: the one look comes out as it was stored"
              : `identical: each of ${looks} looks comes out as it was stored`,
          ]
        : [
            `NOT identical: ${different} of ${counted(looks, "look")} ${different === 1 ? "comes" : "come"} out otherwise`,
            `first look ${first.tick} (${clock(first.at)}), ${first.field}: stored ${JSON.stringify(first.stored)}, computed ${JSON.stringify(first.computed)}`,
          ];
  return [...said, ...others].flatMap((line) => wrap(line, width));
}
