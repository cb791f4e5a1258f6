import type { Database } from "../../../storage/database.ts";
import { migrate } from "../../../storage/migrator.ts";
import { reservedConnections } from "../../../storage/read/reserved-connections.ts";
import type { CommandContext } from "../../context.ts";
import { withOwnDatabase } from "../../store.ts";

export async function run(context: CommandContext): Promise<void> {
  const work = async (db: Database) => {
    const done = await migrate(db);
    await warnUnreserved(context, db);
    return done;
  };
  // It may take as long as it takes, and wait for another one.
  const report = await withOwnDatabase(context, work, { queryTimeoutMs: 0 });
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

/** A way back that needs a connection is open only while there is one. */
async function warnUnreserved({ output }: CommandContext, db: Database): Promise<void> {
  const { reserved, login, maxConnections } = await reservedConnections(db);
  if (reserved) return;
  output.note(
    `no connection is reserved for ${login}: when services have taken all ${maxConnections}, sluice rollback gets none (docs/reference/operations.md, Connections)`,
  );
}
