import type { Connection } from "@temporalio/client";
import { SluiceError } from "../domain/errors.ts";
import { SEARCH_ATTRIBUTES } from "../protocol/search-attributes.ts";

const KEYWORD = 2;
const PROBE_ATTEMPTS = 50;

/** Registers what rollouts are filtered by, once, and waits until the server knows it. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const list = async () =>
    (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes ?? {};
  let known = await list();
  // The server silently keeps another type under an existing name.
  const foreign = SEARCH_ATTRIBUTES.find((name) => known[name] !== undefined && known[name] !== KEYWORD);
  if (foreign)
    throw new SluiceError(
      "conflict",
      `search attribute ${foreign} exists in Temporal with another type than Keyword; remove it, or use another namespace`,
    );
  const missing = SEARCH_ATTRIBUTES.filter((name) => known[name] === undefined);
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
  });
  for (let attempt = 0; attempt < PROBE_ATTEMPTS; attempt++) {
    known = await list();
    if (SEARCH_ATTRIBUTES.every((name) => known[name] === KEYWORD)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new SluiceError("unavailable", "Temporal has not taken up Sluice's search attributes; try again");
}
