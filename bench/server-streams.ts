/** What open streams cost the server, how soon they hear of a move, and how fast outcomes come in. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { quantile } from "simple-statistics";
import { PostgresSource } from "../src/resolver/sources/postgres.ts";
import type { BenchOptions, Row } from "./row.ts";
import { row } from "./server-requests.ts";
import { type Process, PROMPT, type ServerWorld } from "./server-world.ts";

const STREAMS = 5_000;
const STREAM_GOAL_KB = 20;
const HEARERS = 1_000;
const MOVES = 20;
const TOLD_GOAL_MS = 150;
const BATCH = 500;
const BATCHES = 100;
const SENDERS = 4;
const OUTCOMES_GOAL = 0.8;

export async function streamRows(world: ServerWorld, options: BenchOptions): Promise<Row[]> {
  const streams = options.count ?? STREAMS;
  const hearers = await openStreams(world, Math.min(HEARERS, streams));
  const moves = await moveTimes(world, hearers);
  const p99 = (of: keyof (typeof moves)[number]) =>
    quantile(
      moves.map((times) => times[of]),
      0.99,
    );
  const [told, heard] = [p99("told"), p99("heard")];
  options.progress(`a move: ${told.toFixed(0)} ms until told, ${heard.toFixed(0)} ms until heard`);
  const before = await residentKb(world.server.pid);
  const more = await openStreams(world, streams);
  const each = ((await residentKb(world.server.pid)) - before) / more.length;
  options.progress(`${more.length} streams: ${each.toFixed(1)} kB each`);
  for (const { socket } of [...hearers, ...more]) socket.destroy();
  return [
    row(`from a move to the server's last byte to ${hearers.length} streams, p99`, told, {
      unit: "ms",
      goal: TOLD_GOAL_MS,
      met: told <= TOLD_GOAL_MS,
      runs: MOVES,
    }),
    row(`and to the receipt of the last of them, p99`, heard, {
      unit: "ms",
      runs: MOVES,
      note: "of clients that run on the same processors",
    }),
    row(`memory of each of ${more.length} streams`, each, {
      unit: "kB",
      goal: STREAM_GOAL_KB,
      met: each <= STREAM_GOAL_KB,
    }),
  ];
}

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

export interface Hearer {
  readonly socket: Socket;
  heard: (() => void) | undefined;
  /** Whether the server has ended it. */
  isOver: boolean;
}

/** Streams whose heads have come, opened a few hundred at a time. */
export async function openStreams(
  { server, key }: { readonly server: Process; readonly key: string },
  count: number,
): Promise<Hearer[]> {
  const { hostname, port } = new URL(server.url);
  const open = async (): Promise<Hearer> => {
    const socket = connect(Number(port), hostname).on("error", () => undefined);
    const hearer: Hearer = { socket, heard: undefined, isOver: false };
    socket.write(`GET /v1/stream HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${key}\r\n\r\n`);
    await new Promise((resolve, reject) => {
      socket.once("data", resolve);
      socket.once("close", () => reject(new Error("a stream was closed; is there room for so many files?")));
    });
    socket.on("data", (part: Buffer) => {
      if (part.includes("event: pointer")) hearer.heard?.();
      if (part.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) hearer.isOver = true;
    });
    return hearer;
  };
  const opened: Hearer[] = [];
  while (opened.length < count)
    opened.push(...(await Promise.all(Array.from({ length: Math.min(200, count - opened.length) }, open))));
  return opened;
}

interface MoveTimes {
  /** Ms from its commit until the server has written to the last stream. */
  readonly told: number;
  /** And until the last stream has told of it here. */
  readonly heard: number;
}

async function moveTimes({ query, server }: ServerWorld, hearers: readonly Hearer[]): Promise<MoveTimes[]> {
  const times: MoveTimes[] = [];
  for (let move = 0; move < MOVES; move++) {
    const all = Promise.all(
      hearers.map((hearer) => new Promise<void>((resolve) => (hearer.heard = resolve))),
    );
    await query(
      `with moved as (update sluice.pointers set revision = revision + 1 where prompt = $1 returning revision)
       select pg_notify('sluice_pointers', json_build_object('label', 'production', 'prompt', $1::text, 'model', '',
         'tenant', '', 'revision', revision)::text) from moved`,
      [PROMPT],
    );
    const since = performance.timeOrigin + performance.now();
    await all;
    const heard = performance.timeOrigin + performance.now() - since;
    await delay(50);
    times.push({ told: Math.max(0, server.toldAt.at(-1)! - since), heard });
  }
  return times;
}

async function residentKb(pid: number): Promise<number> {
  // What was garbage a moment ago is none of the streams'.
  await delay(1_000);
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
}

/** As many outcomes as four senders get in, by HTTP and straight into Postgres, in turns. */
export async function outcomesRow(world: ServerWorld, { progress }: BenchOptions): Promise<Row> {
  const direct = Array.from({ length: SENDERS }, () => new PostgresSource(world.databaseUrl));
  const post = async (batch: string) => {
    const response = await fetch(`${world.server.url}/v1/outcomes`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.key}`, "content-type": "application/json" },
      body: batch,
    });
    if (response.status !== 200) throw new Error(`outcomes are answered ${response.status}`);
    await response.arrayBuffer();
  };
  const overHttp = Array.from({ length: SENDERS }, () => post);
  const straight = direct.map((source) => async (batch: string) => void (await source.record(batch)));
  await rate(world, overHttp);
  await rate(world, straight);
  const [first, second] = [await rate(world, straight), await rate(world, overHttp)];
  const [third, fourth] = [await rate(world, overHttp), await rate(world, straight)];
  await Promise.all(direct.map((source) => source.close()));
  const [ours, peer] = [(second + third) / 2, (first + fourth) / 2];
  progress(`outcomes: ${Math.round(ours)}/s over HTTP, ${Math.round(peer)}/s straight`);
  return row("outcomes over HTTP", ours, {
    unit: "1/s",
    peer,
    peerName: "straight into Postgres",
    ratio: ours / peer,
    goal: OUTCOMES_GOAL * peer,
    met: ours >= OUTCOMES_GOAL * peer,
  });
}

type Send = (batch: string) => Promise<void>;

async function rate({ versionId }: ServerWorld, senders: readonly Send[]): Promise<number> {
  const batches = Array.from({ length: BATCHES }, () => batchOf(versionId));
  const since = performance.now();
  await Promise.all(
    senders.map(async (send) => {
      for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) await send(batch);
    }),
  );
  return (1_000 * BATCHES * BATCH) / (performance.now() - since);
}

function batchOf(version: string): string {
  const outcomes = Array.from({ length: BATCH }, () => ({
    id: randomUUID(),
    version,
    rollout: null,
    unit: null,
    label: "production",
    model: "",
    tenant: "",
    metrics: { rating: 5, latency_ms: 830 },
  }));
  return JSON.stringify({ exposures: [], outcomes });
}
