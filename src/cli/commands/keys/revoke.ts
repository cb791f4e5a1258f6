import { withdrawKey } from "../../../use-cases/withdraw-key.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { writing } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"keys revoke">): Promise<void> {
  const done = await writing(context, (db) => withdrawKey(db, given.required(0)));
  context.output.result(done, () => [
    done.changed ? `key ${done.id} is revoked` : `nothing to do: key ${done.id} was revoked before`,
  ]);
}
