import { numberedVersion } from "../../../storage/read/version.ts";
import { nameAnchor } from "../../../use-cases/name-anchor.ts";
import type { Given } from "../../parsing/given.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { writing } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"rollout anchor">): Promise<void> {
  const version = given.version(0);
  const scope = given.scope(version.prompt);
  const reason = given.requiredText("reason");
  const anchor = await writing(context, async (db) =>
    nameAnchor(db, { scope, ...(await numberedVersion(db, version)), reason, by: actorOf(context) }),
  );
  context.output.result({ anchor, label: scope.label }, () => [
    `${anchor} is the anchor for ${scope.label}: losses before it count no more`,
  ]);
}
