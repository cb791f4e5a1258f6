/** The resolver beside its peers: `npm run bench -- resolver`. */
import type { Bench } from "./row.ts";
import { cacheRows } from "./resolver-cache.ts";
import { importRows } from "./resolver-import.ts";
import { storeRows } from "./resolver-moves.ts";
import { speedRows } from "./resolver-speed.ts";

export const run: Bench = async (options) => {
  const rows = await speedRows(options);
  options.progress("importing, and filling the cache past its end");
  rows.push(...(await importRows()), ...(await cacheRows()));
  rows.push(...(await storeRows(options)));
  return rows;
};
