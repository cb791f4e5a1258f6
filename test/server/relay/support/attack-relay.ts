import { ROUTES } from "../../../../src/server/route-table.ts";
import type { PlainRoute } from "../../../../src/server/route.ts";
import { attack, TOLD_TO_NOBODY } from "../../support/hostile-requests.ts";

export interface RelayAttacked {
  /** How many requests were answered with each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Answers that a relay may not give. */
  readonly wrong: readonly string[];
}

/** What a relay alone answers, more often than the many routes that it sends elsewhere. */
const SERVED = /^\/(?:v1\/(?:resolver|resolve|render|outcomes|prompts\/:name$|me|otlp)|api\/public\/)/;

/** Sends a relay so many requests that were made up to do harm, of a service that its key is good for. */
export async function attackRelay(
  url: string,
  key: string,
  count: number,
  seed: number,
): Promise<RelayAttacked> {
  const all = ROUTES as unknown as readonly PlainRoute[];
  const served = all.filter(({ path }) => SERVED.test(path));
  const routes = [...all, ...served, ...served, ...served, ...served];
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  const sent = attack({ routes, key, count, seed }, async (request, { key: shown, body, headers }) => {
    const [method = "GET", path = "/"] = request.split(" ", 2);
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: { authorization: `Bearer ${shown}`, ...headers },
      ...(body !== undefined && { body }),
    });
    return { status: response.status, text: await response.text() };
  });
  for await (const { answered, what } of sent) {
    const { status, text } = answered;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    // It sends elsewhere what is not its own, and says so where the server does not answer.
    if ((status >= 500 && status !== 501 && status !== 503) || TOLD_TO_NOBODY.test(text))
      wrong.push(`${status} ${text.slice(0, 200)}: ${what}`);
  }
  return { statuses, wrong };
}
