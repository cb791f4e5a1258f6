import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { controlRollout } from "./control-command.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";

/** Promotes at once where there is enough to see harm and none shows; says what is missing otherwise. */
export async function run(context: CommandContext, given: Given<"rollout promote">): Promise<number> {
  const answer = await controlRollout(context, given, "promote");
  const { candidate, granted, missing } = answer;
  context.output.result(answer, () => [
    granted
      ? `${candidate} skips what is left of its canary: nothing shows harm. An approval before promotion still counts`
      : `${candidate} is not promoted: ${missing}`,
  ]);
  return granted ? EXIT.yes : EXIT.notEnough;
}
