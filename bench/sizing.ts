import type { Bench, Row } from "./row.ts";
import { canaryRows } from "./sizing-canaries.ts";
import { resolverRows } from "./sizing-resolver.ts";

/**
 * What one worker, one Postgres and one Temporal carry, and what a resolver takes: `--count` canaries at once (200
 * unless said), each with users, looked at every ten seconds.
 */
export const run: Bench = async ({ count = 200, progress }) => {
  const rows: Row[] = await resolverRows();
  progress(`${count} canaries on one worker`);
  return [...rows, ...(await canaryRows(count, progress))];
};
