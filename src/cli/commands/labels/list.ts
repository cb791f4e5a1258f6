import { formatDuration } from "../../../domain/policy/quantity.ts";
import type { ListedLabel } from "../../../domain/shapes/labels.ts";
import { columns } from "../../../terminal/text-layout.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

function saidBefore({ from, liveForMs }: ListedLabel): string {
  return from === null ? "" : `${from}${liveForMs > 0 ? `, ${formatDuration(liveForMs)}` : ""}`;
}

export async function run(context: CommandContext): Promise<void> {
  const { output } = context;
  const labels = await withSluice(context, (sluice) => sluice.labels());
  output.result(labels, () =>
    columns(
      [{ head: "label" }, { head: "protected" }, { head: "after" }, { head: "scopes", align: "right" }],
      labels.map((one) => [one.label, one.protected ? "yes" : "no", saidBefore(one), String(one.scopes)]),
      output.width,
    ),
  );
}
