import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { showKey, readDuration } from "./create.ts";

export async function run(context: CommandContext, given: Given<"keys rotate">): Promise<void> {
  const overlapMs = readDuration("overlap", given.requiredText("overlap"));
  const created = await withSluice(context, (sluice) => sluice.rotateKey(given.required(0), { overlapMs }));
  showKey(context, created);
}
