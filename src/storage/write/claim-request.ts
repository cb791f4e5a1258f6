import { sql } from "kysely";
import { digestJson } from "../../digest.ts";
import type { Database } from "../database.ts";
import { storableJson } from "../storable-json.ts";

/** A request that is to be carried out once, whoever asks again. */
export interface RequestToClaim {
  /** Whose request it is, and the name that they gave it. */
  readonly id: string;
  /** What is asked, as plain data. */
  readonly request: unknown;
}

/** What was answered. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: unknown;
}

/** What is kept of a request, in `sluice.operations`. */
type State =
  | { readonly state: "claimed"; readonly attempt: string; readonly until: number }
  | { readonly state: "open" }
  // As text, since jsonb would put the names of the body into another order.
  | (Omit<KeptAnswer, "body"> & { readonly state: "answered"; readonly text: string });

export type Claim =
  /** It is the caller's to carry out. The attempt is that of whoever claimed it before and fell silent. */
  | { readonly kind: "claimed"; readonly attempt: string }
  | { readonly kind: "answered"; readonly answer: KeptAnswer }
  | { readonly kind: "running" }
  | { readonly kind: "another_request" };

/** A claim that is not prolonged for so long is somebody else's to take. */
export const CLAIM_MS = 10_000;
const NOW = sql<number>`(extract(epoch from clock_timestamp()) * 1000)`;

/** Claims a request that nobody carries out; otherwise says what has become of it. One statement, so nobody claims it twice. */
export async function claimRequest(db: Database, { id, request }: RequestToClaim): Promise<Claim> {
  const request_sha256 = digestJson(request);
  const { rows } = await sql<{ attempt: string }>`
    insert into sluice.operations as o (id, request_sha256, outcome)
    values (${id}, ${request_sha256}, jsonb_build_object(
      'state', 'claimed', 'attempt', gen_random_uuid(), 'until', ${NOW} + ${CLAIM_MS}::int))
    on conflict (id) do update set
      request_sha256 = excluded.request_sha256,
      outcome = case when o.outcome ->> 'state' = 'open' then excluded.outcome
                     else excluded.outcome || jsonb_build_object('attempt', o.outcome ->> 'attempt') end
    where o.outcome ->> 'state' = 'open'
       or (o.outcome ->> 'state' = 'claimed' and (o.outcome ->> 'until')::double precision < ${NOW}
           and o.request_sha256 = excluded.request_sha256)
    returning o.outcome ->> 'attempt' as attempt`.execute(db);
  if (rows[0]) return { kind: "claimed", attempt: rows[0].attempt };
  const found = await db
    .selectFrom("operations")
    .select(["request_sha256", "outcome"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  if (found.request_sha256 !== request_sha256) return { kind: "another_request" };
  const outcome = found.outcome as State;
  if (outcome.state !== "answered") return { kind: "running" };
  const { status, headers, text } = outcome;
  return { kind: "answered", answer: { status, headers, body: JSON.parse(text) } };
}

/** Says that whoever claimed the request is still at it. */
export async function prolongClaim(db: Database, id: string, attempt: string): Promise<void> {
  await sql`
    update sluice.operations
    set outcome = outcome || jsonb_build_object('until', ${NOW} + ${CLAIM_MS}::int)
    where id = ${id} and outcome ->> 'state' = 'claimed' and outcome ->> 'attempt' = ${attempt}`.execute(db);
}

/**
 * Ends a claim: with the answer; as refused, where nothing was done and the name can be used again; or not knowing what
 * was done, so that whoever asks next goes on with the same attempt.
 */
export async function endClaim(
  db: Database,
  id: string,
  attempt: string,
  end: KeptAnswer | "refused" | "unsure",
): Promise<void> {
  await db
    .updateTable("operations")
    .set({ outcome: storableJson(stateAfter(attempt, end)) })
    .where("id", "=", id)
    .where(sql<boolean>`outcome ->> 'state' = 'claimed' and outcome ->> 'attempt' = ${attempt}`)
    .execute();
}

function stateAfter(attempt: string, end: KeptAnswer | "refused" | "unsure"): State {
  if (end === "refused") return { state: "open" };
  if (end === "unsure") return { state: "claimed", attempt, until: 0 };
  const { status, headers, body } = end;
  return { state: "answered", status, headers, text: JSON.stringify(body) };
}
