import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"keys revoke">): Promise<void> {
  const done = await withSluice(context, (sluice) => sluice.revokeKey(given.required(0)));
  context.output.result(done, () => [
    done.changed ? `key ${done.id} is revoked` : `nothing to do: key ${done.id} was revoked before`,
  ]);
}
