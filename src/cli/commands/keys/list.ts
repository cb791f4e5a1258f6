import { clock, columns } from "../../../terminal/text-layout.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { grantsText } from "./given-grants.ts";

const HEADS = ["id", "name", "role", "only for", "owner", "state", "expires", "last used"];

export async function run(context: CommandContext, given: Given<"keys list">): Promise<void> {
  const { output } = context;
  const keys = await withSluice(context, (sluice) => sluice.keys({ all: given.flag("all") }));
  output.result(keys, () =>
    keys.length === 0
      ? ["no keys; make one: sluice keys create --name NAME --role ROLE"]
      : columns(
          HEADS.map((head) => ({ head })),
          keys.map((key) => [
            key.id,
            key.name,
            key.role,
            grantsText(key.grants),
            key.owner,
            key.replacedBy !== null && key.state === "good" ? "rotated" : key.state,
            key.expiresAt === null ? "never" : clock(key.expiresAt),
            key.lastUsedAt === null ? "never" : clock(key.lastUsedAt),
          ]),
          output.width,
        ),
  );
}
