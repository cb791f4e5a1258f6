import { assertPromptName } from "../../../domain/names.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

/** A line an entry, as it comes: a log may be larger than what fits into memory. */
export async function run(context: CommandContext, given: Given<"audit export">): Promise<void> {
  const { output } = context;
  const name = given.optional(0);
  const prompt = name === undefined ? undefined : assertPromptName(name);
  await withSluice(context, async (sluice) => {
    for await (const line of sluice.auditChains({ prompt })) {
      const text = JSON.stringify(line);
      if (process.stdout.isTTY) output.lines([text]);
      else output.raw(`${text}\n`);
    }
  });
}
