import { migrate } from "../../storage/migrator.ts";
import type { CommandContext } from "../context.ts";
import { reading } from "../store.ts";

export async function run(context: CommandContext): Promise<void> {
  // It may take as long as it takes, and wait for another one.
  const report = await reading(context, migrate, { queryTimeoutMs: 0 });
  context.output.result(report, () =>
    report.applied.length + report.functions.length === 0
      ? [`nothing to do: the database is at migration ${report.current}`]
      : [
          ...report.applied.map((name) => `applied ${name}`),
          ...report.functions.map((name) => `renewed the function ${name}`),
          `the database is at migration ${report.current}`,
        ],
  );
}
