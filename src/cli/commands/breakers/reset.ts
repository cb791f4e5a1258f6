import { counted } from "../../../domain/text/counted.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** Has all processes call again, within seconds. */
export async function run(context: CommandContext, given: Given<"breakers reset">): Promise<void> {
  const closed = await withSluice(context, (sluice) => sluice.resetBreakers(given.optional(0)));
  context.output.result(closed, () => [
    closed.length === 0
      ? "nothing was held back"
      : `${counted(closed.length, "breaker")} closed: all processes call again within seconds`,
  ]);
}
