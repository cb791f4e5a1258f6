/** What a request costs the server's process, beside a bare node:http that reads the same body and writes the same bytes. */
import autocannon from "autocannon";
import { median } from "simple-statistics";
import { createResolver, MemorySource } from "../src/resolver/index.ts";
import type { BenchOptions, Row } from "./row.ts";
import { ARTIFACT, cpuOf, type Process, PROMPT, type ServerWorld } from "./server-world.ts";

const CONNECTIONS = 50;
const ROUNDS = 5;
/** Until the code is compiled as it will be; on a busy machine some seconds would not be enough. */
const WARM_REQUESTS = 20_000;

interface Asked {
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly body?: string;
}

const VALUES = { product: "a kettle", question: "When is my money back?" };
const GET: Asked = { method: "GET", path: `/v1/prompts/${PROMPT}?label=production` };
const RESOLVE: Asked = {
  method: "POST",
  path: "/v1/resolve",
  body: JSON.stringify({ prompt: PROMPT, unit: "user-1", variables: VALUES, format: "openai" }),
};
const POLL: Asked = {
  method: "POST",
  path: "/v1/resolver/pointers",
  body: JSON.stringify({
    scopes: [{ label: "production", prompt: PROMPT, model: "", tenant: "" }],
    have: [],
  }),
};

/** Times a bare server that a request may cost. */
const GOAL = 1.5;
/** Times what a poll costs that is answered by a read of its own. */
const POLL_GOAL_RATIO = 3;

export async function requestRows(world: ServerWorld, options: BenchOptions): Promise<Row[]> {
  const seconds = Math.max(2, Math.round((options.minutes * 60) / 60));
  const get = await beside(world, GET, seconds, options);
  const resolve = await beside(world, RESOLVE, seconds, options);
  const library = await libraryUs();
  return [
    ratioRow("GET a prompt by its label", get, 0),
    ratioRow("POST /v1/resolve", resolve, library),
    row("the library's own resolve and render", library, { unit: "us CPU", note: "measured in this run" }),
    ...(await pollRows(world, seconds, options)),
  ];
}

interface Beside {
  /** In us of processor time a request, over all rounds. */
  readonly ours: number;
  readonly bare: number;
  /** Ours by bare, the median of the rounds. */
  readonly ratio: number;
}

/** Both are asked at the same time: whatever else the machine does slows them down alike. */
async function beside(
  world: ServerWorld,
  asked: Asked,
  seconds: number,
  { progress }: BenchOptions,
): Promise<Beside> {
  const response = await fetch(`${world.server.url}${asked.path}`, init(world, asked));
  if (response.status !== 200) throw new Error(`${asked.path} answers ${response.status}`);
  const type = response.headers.get("content-type") ?? "";
  const bare = await world.bare({ type, text: await response.text() });
  const [ours, theirs]: [number[], number[]] = [[], []];
  const cost = (server: Process, length: Length) => costUs(world, server, asked, length, CONNECTIONS / 2);
  for (const server of [world.server, bare]) await cost(server, { amount: WARM_REQUESTS });
  for (let round = 0; round < ROUNDS; round++) {
    const both = [world.server, bare].map((server) => cost(server, { duration: seconds }));
    const [our, their] = (await Promise.all(both)) as [number, number];
    ours.push(our);
    theirs.push(their);
    progress(`${asked.path}: ${our.toFixed(1)} us beside ${their.toFixed(1)} us`);
  }
  bare.stop();
  const ratio = median(ours.map((one, round) => one / theirs[round]!));
  return { ours: median(ours), bare: median(theirs), ratio };
}

type Length = { readonly duration: number } | { readonly amount: number };

/** Processor time of the server's process for a request, in us. */
async function costUs(
  world: ServerWorld,
  server: Process,
  asked: Asked,
  length: Length,
  connections = CONNECTIONS,
): Promise<number> {
  let requests = 0;
  const ms = await cpuOf(server.pid, async () => {
    const done = await autocannon({
      url: `${server.url}${asked.path}`,
      connections,
      ...length,
      ...init(world, asked),
    });
    if (done.non2xx > 0 || done.errors > 0)
      throw new Error(`${asked.path}: ${done.non2xx} refused, ${done.errors} failed`);
    requests = done.requests.total;
  });
  return (1_000 * ms) / requests;
}

function init({ key }: ServerWorld, { method, body }: Asked) {
  return {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body }),
  };
}

/** What the server's resolver does for a request, alone: in us of processor time. */
async function libraryUs(): Promise<number> {
  const source = new MemorySource();
  source.setPointer({ label: "production", prompt: PROMPT }, { active: source.addVersion(PROMPT, ARTIFACT) });
  const prompts = await createResolver({ source, preload: [PROMPT], onWarning: () => undefined });
  const once = async () => (await prompts.resolve({ prompt: PROMPT, unit: "user-1" })).toOpenAI(VALUES);
  for (let n = 0; n < 20_000; n++) await once();
  const TIMES = 100_000;
  const before = process.cpuUsage();
  for (let n = 0; n < TIMES; n++) await once();
  const { user, system } = process.cpuUsage(before);
  await prompts.close();
  return (user + system) / TIMES;
}

/** Polls of many at once are answered by few reads; one after the other, by one each. */
async function pollRows(world: ServerWorld, seconds: number, { progress }: BenchOptions): Promise<Row[]> {
  const measure = async (connections: number) => {
    const before = await reads(world);
    const us = await costUs(world, world.server, POLL, { duration: seconds }, connections);
    return { us, reads: ((await reads(world)) - before) / seconds };
  };
  await costUs(world, world.server, POLL, { amount: WARM_REQUESTS });
  const few = await measure(CONNECTIONS);
  const many = await measure(4 * CONNECTIONS);
  const alone = await measure(1);
  progress(`polls: ${few.us.toFixed(1)} us of ${CONNECTIONS}, ${alone.us.toFixed(1)} us of one`);
  return [
    row(`a poll of ${CONNECTIONS} at once`, few.us, {
      unit: "us CPU",
      peer: alone.us,
      peerName: "one at a time",
      ratio: alone.us / few.us,
      goal: alone.us / POLL_GOAL_RATIO,
      met: alone.us >= POLL_GOAL_RATIO * few.us,
      note: `${POLL_GOAL_RATIO} times less than one at a time`,
    }),
    row(`reads of Postgres for ${4 * CONNECTIONS} at once`, many.reads, {
      unit: "1/s",
      peer: few.reads,
      peerName: `for ${CONNECTIONS}`,
      note: "does not grow with the clients",
      goal: 1.2 * few.reads,
      met: many.reads <= 1.2 * few.reads,
    }),
  ];
}

async function reads({ query }: ServerWorld): Promise<number> {
  const [row] = await query(
    "select pg_stat_clear_snapshot(), xact_commit from pg_stat_database where datname = current_database()",
  );
  return Number(row!["xact_commit"]);
}

function ratioRow(work: string, { ours, bare, ratio }: Beside, libraryUs: number): Row {
  const goal = GOAL * bare + libraryUs;
  return row(work, ours, {
    unit: "us CPU",
    peer: bare,
    peerName: "bare node:http",
    ratio,
    goal,
    met: ratio <= goal / bare,
    runs: ROUNDS,
    note: `goal: ${GOAL} times bare${libraryUs > 0 ? ", and the library's own" : ""}`,
  });
}

export function row(work: string, ours: number | null, more: Partial<Row> & Pick<Row, "unit">): Row {
  return { work, ours, peer: null, peerName: null, limit: null, ratio: null, goal: null, met: null, ...more };
}
