import { invalidInput } from "../../../domain/errors.ts";
import { parseDuration } from "../../../domain/policy/quantity.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { changeLabel } from "./change-label.ts";

export async function run(context: CommandContext, given: Given<"labels set">): Promise<void> {
  const [from, liveFor, fromAnywhere] = [
    given.text("from"),
    given.text("liveFor"),
    given.flag("fromAnywhere"),
  ];
  if (fromAnywhere && (from !== undefined || liveFor !== undefined))
    throw invalidInput("--from-anywhere goes with neither --from nor --live-for");
  const isProtected = given.flag("protected") || undefined;
  if (!fromAnywhere && !isProtected && from === undefined && liveFor === undefined)
    throw invalidInput("say something of the label: --from, --live-for, --from-anywhere or --protected");
  const liveForMs = liveFor === undefined ? undefined : parseDuration(liveFor);
  if (liveFor !== undefined && liveForMs === undefined)
    throw invalidInput(`--live-for takes a duration such as 30m, 24h or 7d, not "${liveFor}"`);
  await changeLabel(context, given.required(0), {
    protected: isProtected,
    from: fromAnywhere ? null : from,
    liveForMs: fromAnywhere ? 0 : liveForMs,
    reason: given.text("reason") ?? "sluice labels set",
  });
}
