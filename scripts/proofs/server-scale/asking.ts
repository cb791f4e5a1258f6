/** What the proof of several servers asks of them and of Postgres, and how long it waits. */
import { setTimeout as delay } from "node:timers/promises";
import { quantile } from "simple-statistics";
import { type Hearer, openStreams } from "../../../bench/server-streams.ts";
import { PROMPT, type Replica, type ServerWorld } from "../../../bench/server-world.ts";

/** The status, or that the connection was cut after the request was sent; "refused": it never came to the server. */
export async function send({ versionId, key }: ServerWorld, { url }: { readonly url: string }, id: string) {
  const outcome = { id, version: versionId, rollout: null, unit: null, label: "production" };
  const rest = { model: "", tenant: "", metrics: { rating: 5 }, feedback: id };
  try {
    const response = await drained(
      fetch(`${url}/v1/outcomes`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ exposures: [], outcomes: [{ ...outcome, ...rest }] }),
      }),
    );
    return response.status;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return code === "ECONNREFUSED" ? "refused" : "cut";
  }
}

export async function drained(asked: Promise<Response>): Promise<Response> {
  const response = await asked;
  await response.arrayBuffer();
  return response;
}

export async function countStored({ query }: ServerWorld, ids: readonly string[]): Promise<number> {
  const [row] = await query("select count(*) as n from sluice.outcomes where id = any($1::uuid[])", [ids]);
  return Number(row!["n"]);
}

export async function streamsOf(
  { key }: Pick<ServerWorld, "key">,
  replicas: readonly Replica[],
  count: number,
): Promise<Hearer[]> {
  const each = Math.ceil(count / replicas.length);
  const opened: Hearer[] = [];
  for (const server of replicas)
    opened.push(...(await openStreams({ server, key }, Math.min(each, count - opened.length))));
  return opened;
}

export async function movePointer({ query }: ServerWorld): Promise<number> {
  const [row] = await query(
    `with moved as (update sluice.pointers set revision = revision + 1 where prompt = $1 returning revision)
     select revision, pg_notify('sluice_pointers', json_build_object('label', 'production', 'prompt', $1::text,
       'model', '', 'tenant', '', 'revision', revision)::text) from moved`,
    [PROMPT],
  );
  return Number(row!["revision"]);
}

export async function commits({ query }: ServerWorld): Promise<number> {
  const [row] = await query(
    "select pg_stat_clear_snapshot(), xact_commit from pg_stat_database where datname = current_database()",
  );
  return Number(row!["xact_commit"]);
}

/** How long something takes, in ms; infinity when it takes longer than that. */
export async function within(ms: number, work: Promise<unknown>): Promise<number> {
  const since = performance.now();
  const late = delay(ms, "late", { ref: false });
  return (await Promise.race([work, late])) === "late" ? Number.POSITIVE_INFINITY : performance.now() - since;
}

export async function until(
  isSo: () => boolean | Promise<boolean>,
  ms: number,
  since = performance.now(),
): Promise<number> {
  while (!(await isSo())) {
    if (performance.now() - since > ms) return Number.POSITIVE_INFINITY;
    await delay(5);
  }
  return performance.now() - since;
}

/** `80 ms (median), 130 ms (longest of 5)`. */
export function shown(times: readonly number[]): string {
  return `${quantile([...times], 0.5).toFixed(0)} ms (median), ${Math.max(...times).toFixed(0)} ms (longest of ${times.length})`;
}
