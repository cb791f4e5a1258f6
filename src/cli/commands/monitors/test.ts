import { counted } from "../../../domain/text/counted.ts";
import { percent } from "../../../domain/text/percent.ts";
import { clock, wrapAll } from "../../../terminal/text-layout.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext, given: Given<"monitors test">): Promise<void> {
  const { output } = context;
  const factor = given.number("times")!;
  const found = await withSluice(context, (sluice) => sluice.replayMonitor(given.required(0), { factor }));
  const { monitor, version, label, hours, rang, planted } = found;
  output.result(found, () =>
    wrapAll(output.width, [
      `${monitor} of ${version} in ${label}, ${counted(hours, "hour")} with calls in the last 30 days`,
      ...(rang.length === 0
        ? ["it would not have rung"]
        : rang.map(
            ({ at, since, over, x, n, accepted }) =>
              `would have rung at ${clock(at)}: ${percent(x / n, 3)} since ${clock(since)}, ${percent(accepted, 3)} is accepted; ${over === null ? "it goes on" : `over at ${clock(over)}`}`,
          )),
      planted === null
        ? "there are too few calls to plant a change in"
        : planted.foundAfterHours === null
          ? `a rise to ${percent(planted.factor)} of the usual, planted a week ago, would not have been found since`
          : `a rise to ${percent(planted.factor)} of the usual, planted a week ago, would have been found after ${planted.foundAfterHours} h`,
    ]),
  );
}
