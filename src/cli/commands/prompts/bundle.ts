import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** What a label serves, as the file that the resolver library reads. */
export async function run(context: CommandContext, given: Given<"bundle">): Promise<void> {
  const text = await withSluice(context, (sluice) =>
    sluice.bundle({ label: given.text("label"), prefix: given.text("prefix") }),
  );
  context.output.fileResult(JSON.parse(text), () => text);
}
