import type { Connection } from "@temporalio/client";
import { SluiceError } from "../domain/errors.ts";
import { SEARCH_ATTRIBUTES } from "../protocol/search-attributes.ts";

const KEYWORD = 2;
const PROBE_ATTEMPTS = 50;

/** Those of Sluice that a namespace does not have, and those that it has with another type. */
export async function searchAttributeGaps(
  connection: Pick<Connection, "operatorService">,
  namespace: string,
): Promise<{ readonly missing: string[]; readonly foreign: string[] }> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const known = customAttributes ?? {};
  return {
    missing: SEARCH_ATTRIBUTES.filter((name) => known[name] === undefined),
    foreign: SEARCH_ATTRIBUTES.filter((name) => known[name] !== undefined && known[name] !== KEYWORD),
  };
}

/** Registers what rollouts are filtered by, once, and waits until the server knows it. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { missing, foreign } = await searchAttributeGaps(connection, namespace);
  // The server silently keeps another type under an existing name.
  if (foreign.length > 0)
    throw new SluiceError(
      "conflict",
      `search attribute ${foreign[0]} exists in Temporal with another type than Keyword; remove it, or use another namespace`,
    );
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
  for (let attempt = 0; attempt < PROBE_ATTEMPTS; attempt++) {
    const left = await searchAttributeGaps(connection, namespace);
    if (left.missing.length + left.foreign.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new SluiceError("unavailable", "Temporal has not taken up Sluice's search attributes; try again");
}
