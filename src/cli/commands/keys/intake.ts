import { grouped } from "../../../domain/text/counted.ts";
import { keyIdOf, noSuchKey } from "../../../domain/access/key-id.ts";
import { clock, columns } from "../../../terminal/text-layout.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";

const HEADS = ["key", "name", "what", "n", "last"];
const COUNTED = new Set(["generation", "score"]);

export async function run(context: CommandContext, given: Given<"keys intake">): Promise<void> {
  const { output } = context;
  const text = given.optional(0);
  const id = text === undefined ? undefined : keyIdOf(text);
  if (text !== undefined && id === undefined) throw noSuchKey(undefined);
  const every = await withSluice(context, (sluice) => sluice.keyIntake());
  const asked = every.filter((key) => id === undefined || key.id === id);
  output.result(asked, () =>
    asked.length === 0
      ? ["nothing has come in from Langfuse's clients"]
      : columns(
          HEADS.map((head) => ({ head })),
          asked.flatMap((key) =>
            key.intake.map(({ kind, n, newestAt }) => [
              key.id,
              key.name,
              COUNTED.has(kind) ? kind : `not counted: ${kind}`,
              grouped(n),
              clock(newestAt),
            ]),
          ),
          output.width,
        ),
  );
}
