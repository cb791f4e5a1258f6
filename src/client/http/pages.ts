import type { Query, ServerConnection } from "./server-connection.ts";

/** The most that a page of the server has. */
const PAGE = 200;

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** A list page by page, as it comes. */
export async function* eachPage<T>(
  server: ServerConnection,
  path: string,
  query: Query,
): AsyncIterable<readonly T[]> {
  for (let cursor: string | undefined; ;) {
    const page: Page<T> = await server.get(path, { ...query, cursor, limit: PAGE });
    yield page.items;
    if (page.next === null) return;
    cursor = page.next;
  }
}

/** The first `most` items of a list, page by page, from the `cursor` of the query on. */
export async function readPages<T>(
  server: ServerConnection,
  path: string,
  query: Query,
  most: number = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const items: T[] = [];
  let from = query;
  while (items.length < most) {
    const limit = Math.min(PAGE, most - items.length);
    const page: Page<T> = await server.get(path, { ...from, limit });
    items.push(...page.items);
    if (page.next === null) break;
    from = { ...query, cursor: page.next };
  }
  return items;
}
