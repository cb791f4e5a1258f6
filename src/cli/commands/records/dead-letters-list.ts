import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";
import { clock, columns } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"dead-letters list">): Promise<void> {
  const { output } = context;
  const letters = await withSluice(context, (sluice) => sluice.deadLetters({ all: given.flag("all") }));
  output.result(letters, () =>
    letters.length === 0
      ? ["no dead letters"]
      : columns(
          [
            { head: "id" },
            { head: "since" },
            { head: "operation" },
            { head: "prompt" },
            { head: "state" },
            { head: "why" },
          ],
          letters.map((one) => [
            one.id.slice(0, 8),
            clock(one.createdAt),
            one.operation,
            one.prompt ?? "",
            one.status,
            one.error.message,
          ]),
          output.width,
        ),
  );
}
