import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { SentType } from "../../domain/prompt/caller-report.ts";
import type { Caller, CallerValue } from "../../domain/shapes/callers.ts";
import type { Database } from "../database.ts";
import { seenBy } from "./seen-by.ts";

/** So long after a process has last called without a value nobody is taken to do so any more. In ms. */
const SETTLED_MS = 30 * 60_000;

/** Who calls a prompt is asked of so many days; a service that calls it more seldom is not known. */
export const CALLER_DAYS = 7;

export interface CallersQuery {
  readonly prompt: string;
  /** Those of one label; absent: of all. */
  readonly label?: string | undefined;
  readonly days?: number | undefined;
  /** What whoever asks may see. Default: all. */
  readonly seen?: Grants | undefined;
}

interface Row {
  readonly prompt: string;
  readonly service: string;
  readonly label: string;
  readonly tenant: string;
  readonly kind: "call" | CallerValue["kind"];
  readonly name: string;
  /** Of each row that was added up. */
  readonly types: readonly (readonly SentType[])[];
  readonly longest: number;
  readonly calls: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  readonly missingAt: Date | null;
}

/** The services that have rendered a prompt lately, by name, and what they have sent. */
export async function listCallers(db: Database, { prompt, ...of }: CallersQuery): Promise<Caller[]> {
  return (await callersByPrompt(db, [prompt], of)).get(prompt) ?? [];
}

/** The same of many prompts, by their names: one question, however many there are. */
export async function callersByPrompt(
  db: Database,
  prompts: readonly string[],
  { label, days = CALLER_DAYS, seen = {} }: Omit<CallersQuery, "prompt">,
): Promise<Map<string, Caller[]>> {
  const { rows } = await sql<Row>`
    select c.prompt, c.service, c.label, c.tenant, c.kind, c.name, max(c.longest)::float8 as longest, sum(c.calls)::float8 as calls,
      jsonb_agg(c.types) as types,
      min(c.first_seen) as "firstSeen", max(c.last_seen) as "lastSeen", max(c.missing_at) as "missingAt"
    from sluice.caller_values c
    where c.prompt = any (${[...prompts]}::text[]) and c.day > (clock_timestamp() at time zone 'utc')::date - ${days}::integer
      and ${label === undefined ? sql`true` : sql`c.label = ${label}`} and ${seenBy(seen, "c")}
    group by c.prompt, c.service, c.label, c.tenant, c.kind, c.name
    order by c.service, c.label, c.tenant, c.kind, c.name`.execute(db);
  const values = Map.groupBy(
    rows.filter(({ kind }) => kind !== "call"),
    keyOf,
  );
  const callers = new Map<string, Caller[]>();
  for (const row of rows) {
    if (row.kind !== "call") continue;
    const caller = callerOf(row, values.get(keyOf(row)) ?? []);
    const known = callers.get(row.prompt);
    if (known) known.push(caller);
    else callers.set(row.prompt, [caller]);
  }
  return callers;
}

function callerOf(row: Row, values: readonly Row[]): Caller {
  return {
    service: row.service,
    label: row.label,
    tenant: row.tenant || null,
    calls: row.calls,
    firstSeen: row.firstSeen.toISOString(),
    lastSeen: row.lastSeen.toISOString(),
    values: values.map((value) => valueOf(value, row.lastSeen)),
  };
}

function keyOf({ prompt, service, label, tenant }: Row): string {
  return JSON.stringify([prompt, service, label, tenant]);
}

function valueOf(
  { kind, name, types: noted, longest, calls, lastSeen, missingAt }: Row,
  calledAt: Date,
): CallerValue {
  const types = [...new Set(noted.flat())].toSorted();
  const settledAt = calledAt.getTime() - SETTLED_MS;
  return {
    kind: kind as CallerValue["kind"],
    name,
    types,
    longest: types.includes("string") || types.includes("list") ? longest : null,
    calls,
    lastSeen: lastSeen.toISOString(),
    always: lastSeen.getTime() >= settledAt && (missingAt === null || missingAt.getTime() < settledAt),
  };
}
