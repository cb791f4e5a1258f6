import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"rollout anchor">): Promise<void> {
  const { label, model, tenant } = given.scope(given.version(0).prompt);
  const reason = given.requiredText("reason");
  const named = await withSluice(context, (sluice) =>
    sluice.nameAnchor({ version: given.required(0), label, model, tenant, reason }),
  );
  context.output.result({ ...named }, () => [
    `${named.anchor} is the anchor for ${named.label}: losses before it count no more`,
  ]);
}
