import type { Query, ServerConnection } from "./server-connection.ts";

/** The most that a page of the server has. */
const PAGE = 200;

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The first `most` items of a list page by page, as they come, from the `cursor` of the query on. */
export async function* eachPage<T>(
  server: ServerConnection,
  path: string,
  query: Query,
  most: number = Number.POSITIVE_INFINITY,
): AsyncIterable<readonly T[]> {
  let from = query;
  for (let left = most; left > 0;) {
    const page: Page<T> = await server.get(path, { ...from, limit: Math.min(PAGE, left) });
    yield page.items;
    if (page.next === null) return;
    left -= page.items.length;
    from = { ...query, cursor: page.next };
  }
}

/** The same in one list. */
export async function readPages<T>(
  server: ServerConnection,
  path: string,
  query: Query,
  most?: number,
): Promise<T[]> {
  const items: T[] = [];
  for await (const page of eachPage<T>(server, path, query, most)) items.push(...page);
  return items;
}
