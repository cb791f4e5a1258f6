import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext): Promise<void> {
  const checkpoint = await withSluice(context, (sluice) => sluice.checkpointAudit());
  context.output.fileResult(checkpoint, () => `${JSON.stringify(checkpoint)}\n`);
}
