import { notFound } from "../domain/errors.ts";
import type { HeldBack } from "../domain/models/circuits.ts";
import { shown } from "../domain/text/visible.ts";
import type { Database } from "../storage/database.ts";
import { listCircuits } from "../storage/read/circuits.ts";
import { transact } from "../storage/transact.ts";
import { closeCircuits } from "../storage/write/close-circuits.ts";

/**
 * Has every process call again, within seconds, what was held back: of one endpoint, or of all. Gives what was.
 * `not_found` for an endpoint from which nothing is held back.
 */
export async function resetBreakers(db: Database, endpoint: string | undefined): Promise<HeldBack[]> {
  const every = await listCircuits(db);
  const closed = every.filter((one) => endpoint === undefined || one.endpoint === endpoint);
  if (closed.length === 0 && endpoint !== undefined)
    throw notFound(`nothing is held back from ${shown(endpoint)}; see: sluice breakers list`, { endpoint });
  const names = closed.map(({ provider, endpoint: at, model }) => ({ provider, endpoint: at, model }));
  if (names.length > 0) await transact(db, (transaction) => closeCircuits(transaction, names));
  return closed;
}
