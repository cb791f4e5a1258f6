import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { withSluice } from "../../store.ts";

/** Promotes at once where there is enough to see harm and none shows; says what is missing otherwise. */
export async function run(context: CommandContext, given: Given<"rollout promote">): Promise<number> {
  const reason = given.text("reason");
  const answer = await withSluice(context, (sluice) => sluice.promote(given.rollout(0), { reason }));
  const { candidate, granted, missing } = answer;
  context.output.result(answer, () => [
    granted
      ? `${candidate} skips what is left of its canary: nothing shows harm. An approval before promotion still counts`
      : `${candidate} is not promoted: ${missing}`,
  ]);
  return granted ? EXIT.yes : EXIT.notEnough;
}
