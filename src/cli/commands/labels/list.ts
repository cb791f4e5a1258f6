import { columns } from "../../../terminal/text-layout.ts";
import type { CommandContext } from "../../context.ts";
import { withSluice } from "../../store.ts";

export async function run(context: CommandContext): Promise<void> {
  const { output } = context;
  const labels = await withSluice(context, (sluice) => sluice.labels());
  output.result(labels, () =>
    columns(
      [{ head: "label" }, { head: "protected" }, { head: "scopes", align: "right" }],
      labels.map((one) => [one.label, one.protected ? "yes" : "no", String(one.scopes)]),
      output.width,
    ),
  );
}
