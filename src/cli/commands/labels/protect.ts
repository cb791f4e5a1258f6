import type { DirectMoves } from "../../../domain/shapes/labels.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { changeLabel } from "./change-label.ts";

export async function run(context: CommandContext, given: Given<"labels protect">): Promise<void> {
  await changeLabel(context, given.required(0), {
    protected: true,
    // The parser has refused any other word.
    onDirectMove: given.text("onDirectMove") as DirectMoves | undefined,
    reason: given.requiredText("reason"),
  });
}
