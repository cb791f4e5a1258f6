import type { HeldBack } from "../../../domain/models/circuits.ts";
import { formatDuration } from "../../../domain/policy/quantity.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { columns } from "../../../terminal/text-layout.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

/** What calls are held back from. Exit code 1 where there is something. */
export async function run(context: CommandContext): Promise<number> {
  const { output } = context;
  const held = await withSluice(context, (sluice) => sluice.breakers());
  output.result(held, () => (held.length === 0 ? ["nothing is held back"] : table(held, output.width)));
  return held.length === 0 ? EXIT.yes : EXIT.no;
}

function table(held: readonly HeldBack[], width: number): string[] {
  return columns(
    [{ head: "endpoint" }, { head: "model" }, { head: "failed by" }, { head: "calls" }],
    held.map(({ provider, endpoint, model, reason, state, retryAfterMs, isTried }) => [
      endpoint,
      model === null ? `all of ${provider}` : `${provider}/${model}`,
      reason.replaceAll("_", " "),
      state === "open"
        ? `none for another ${formatDuration(Math.ceil(retryAfterMs / 1_000) * 1_000)}`
        : isTried
          ? "one tries now"
          : "the next one tries",
    ]),
    width,
  );
}
