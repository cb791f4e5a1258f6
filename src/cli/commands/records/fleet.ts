import { assertPromptName } from "../../../domain/names.ts";
import { columnsScope, describeScope } from "../../../domain/scope.ts";
import type { FleetInstance } from "../../../domain/shapes/fleet.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { withSluice } from "../../store.ts";
import { columns, span, wrapAll } from "../../../terminal/text-layout.ts";

/** Who serves what. Exit code 1 when a live resolver serves something old for longer than a notification takes. */
export async function run(context: CommandContext, given: Given<"fleet">): Promise<number> {
  const { output } = context;
  const scope = given.scope(assertPromptName(given.required(0)));
  const where = describeScope(columnsScope(scope));
  const report = await withSluice(context, (sluice) => sluice.fleet(scope));
  const { instances } = report;
  output.result(report, () => {
    const head = `${where} serves ${report.serves ?? "what a more general scope serves"} (revision ${report.revision})`;
    if (instances.length === 0) return wrapAll(output.width, [head, "no live resolver has it in memory"]);
    return [
      ...wrapAll(output.width, [head, `up to date: ${report.confirmed} of ${instances.length}`]),
      ...table(instances, output.width),
    ];
  });
  return report.drift ? EXIT.no : EXIT.yes;
}

function table(instances: readonly FleetInstance[], width: number): string[] {
  return columns(
    [
      { head: "host" },
      { head: "process", align: "right" },
      { head: "sdk" },
      { head: "revision", align: "right" },
      { head: "seen" },
      { head: "state" },
    ],
    instances.map((one) => [
      one.host,
      String(one.pid),
      one.sdkVersion,
      one.revision === 0 ? "-" : String(one.revision),
      `${span(one.seenMsAgo)} ago`,
      stateOf(one),
    ]),
    width,
  );
}

function stateOf({ revision, behindMs }: FleetInstance): string {
  if (behindMs === null) return "up to date";
  return revision === 0 ? "cannot serve what is live" : `behind for ${span(behindMs)}`;
}
