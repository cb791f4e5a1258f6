import type { Bench } from "./row.ts";
import { requestRows } from "./server-requests.ts";
import { outcomesRow, streamRows } from "./server-streams.ts";
import { openServerWorld } from "./server-world.ts";

/**
 * What the server adds to what it is made of, each measured beside that in the same run. Processor time counts, which a
 * busy neighbour changes little. `--count`: open streams.
 */
export const run: Bench = async (options) => {
  options.progress("starting a Postgres and a server");
  const world = await openServerWorld();
  try {
    return [
      ...(await requestRows(world, options)),
      await outcomesRow(world, options),
      ...(await streamRows(world, options)),
    ];
  } finally {
    await world.close();
  }
};
