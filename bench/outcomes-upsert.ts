import { randomUUID } from "node:crypto";
import type { OutcomeStore } from "./outcomes-store.ts";
import type { Random } from "../src/statistics/planning/seeded-random.ts";

const SCHEMA = `
  create table if not exists peer_outcomes (
    id uuid primary key, version_id uuid not null, unit text not null, rating float8, latency_ms float8);
  create table if not exists peer_moments (
    version_id uuid, metric text, n bigint not null, mean float8 not null, m2 float8 not null,
    primary key (version_id, metric))`;
const INSERT = `
  with added as (
    insert into peer_outcomes values ($1, $2, $3, $4, $5) on conflict (id) do nothing returning *
  )
  insert into peer_moments as m
  select version_id, metric, 1, value, 0
  from added, lateral (values ('latency_ms', latency_ms), ('rating', rating)) as v (metric, value)
  order by metric
  on conflict (version_id, metric) do update set
    n = m.n + 1,
    mean = m.mean + (excluded.mean - m.mean) / (m.n + 1),
    m2 = m.m2 + (excluded.mean - m.mean) ^ 2 * m.n / (m.n + 1)`;

/**
 * What one would write first: a statement an outcome, that stores it once and updates a running mean. It
 * knows no units, exposures, windows or usage. Outcomes a second, over so many ms.
 */
export async function upsertRate(store: OutcomeStore, random: Random, forMs: number): Promise<number> {
  const { connection, candidate, baseline } = store;
  await connection.query(SCHEMA);
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < forMs; count++) {
    const version = count % 2 === 0 ? candidate : baseline;
    const values = [randomUUID(), version, `unit ${count}`, 1 + Math.floor(5 * random()), 1000 * random()];
    await connection.query({ name: "peer", text: INSERT, values });
  }
  return (1000 * count) / (performance.now() - start);
}
