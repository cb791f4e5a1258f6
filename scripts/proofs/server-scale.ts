import { randomUUID } from "node:crypto";
import autocannon from "autocannon";
import { openStreams } from "../../bench/server-streams.ts";
import { openServerWorld, PROMPT, type Replica, type ServerWorld } from "../../bench/server-world.ts";
import { createResolver, type Resolver } from "../../src/resolver/index.ts";
import { createKey } from "../../src/use-cases/create-key.ts";
import { withdrawKey } from "../../src/use-cases/withdraw-key.ts";
import {
  commits,
  countStored,
  drained,
  movePointer,
  send,
  shown,
  streamsOf,
  until,
  within,
} from "./server-scale/asking.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";

const STREAMS = 5_000;
const RESOLVERS = 1_000;
const MOVES = 5;
/** What a resolver serves is said to be stale after that. */
const MOVED_WITHIN_MS = 5_000;
const ALL_MOVED_WITHIN_MS = 120_000;
const REFUSED_WITHIN_MS = 6_000;
const WRITES = 1_000;
const AT_ONCE = 20;
const READERS = [50, 500] as const;
const READ_SECONDS = 8;
/** Times the reads of few clients that those of many may cost. */
const READS_GOAL = 1.2;
const STOPPED_WITHIN_MS = 25_000;

/**
 * Three servers on one database, and what they promise: thousands of streams, a move that all resolvers have, a revoked
 * key that none lets in, a server that dies in the middle of writes, one that is stopped in the middle of them, and
 * reads of Postgres that do not grow with the clients. Words after the name choose parts.
 */
export async function prove({ first, words }: ProofOptions): Promise<Finding> {
  const parts = words.length === 0 ? Object.values(PARTS) : words.map(partNamed);
  const world = await openServerWorld();
  const findings: Finding[] = [];
  try {
    const replicas = [await world.replica(), await world.replica(), await world.replica()];
    for (const part of parts) {
      findings.push(await part(world, replicas));
      if (first && findings.includes("VIOLATED")) break;
    }
  } finally {
    await world.close();
  }
  return whole(findings);
}

const PARTS = {
  streams: proveStreams,
  moves: proveMoves,
  revoked: proveRevoked,
  reads: proveReads,
  stopped: proveStopped,
  killed: proveKilled,
};

function partNamed(word: string): (typeof PARTS)[keyof typeof PARTS] {
  if (Object.hasOwn(PARTS, word)) return PARTS[word as keyof typeof PARTS];
  throw new Error(`there is no part "${word}"; there are ${Object.keys(PARTS).join(", ")}`);
}

/** Each of many streams hears of a move, spread over the servers. */
async function proveStreams(world: ServerWorld, replicas: readonly Replica[]): Promise<Finding> {
  const hearers = await streamsOf(world, replicas, STREAMS);
  const times: number[] = [];
  for (let move = 0; move < MOVES; move++) {
    const heard = Promise.all(hearers.map((one) => new Promise<void>((resolve) => (one.heard = resolve))));
    await movePointer(world);
    times.push(await within(MOVED_WITHIN_MS, heard));
  }
  for (const { socket } of hearers) socket.destroy();
  const isKept = times.every(Number.isFinite);
  return found(
    isKept ? "holds" : "VIOLATED",
    `${STREAMS} streams of ${replicas.length} servers hear of each of ${MOVES} moves within ${MOVED_WITHIN_MS} ms: the last after ${shown(times)}`,
  );
}

/**
 * A move is what every resolver of the library serves, each over HTTP: within five seconds, or it says `stale`. They are
 * a thousand in this one process, so that they all have it is said, and no promise.
 */
async function proveMoves(world: ServerWorld, replicas: readonly Replica[]): Promise<Finding> {
  const open = (at: number): Promise<Resolver> => {
    const source = replicas[at % replicas.length]!.url.replace("//", `//${world.key}@`);
    return createResolver({
      source,
      preload: [PROMPT],
      preloadTimeoutMs: 30_000,
      onWarning: () => undefined,
    });
  };
  const resolvers: Resolver[] = [];
  while (resolvers.length < RESOLVERS)
    resolvers.push(...(await Promise.all(Array.from({ length: 50 }, (_, at) => open(at)))));
  const times: number[] = [];
  let wrong = 0;
  for (let move = 0; move < MOVES; move++) {
    const wanted = await movePointer(world);
    const since = performance.now();
    const isThere = () => {
      const isDue = performance.now() - since > MOVED_WITHIN_MS;
      const behind = resolvers
        .map((one) => one.resolveSync({ prompt: PROMPT }))
        .filter(({ revision }) => (revision ?? 0) < wanted);
      if (isDue) wrong += behind.filter(({ source }) => source !== "stale").length;
      return behind.length === 0;
    };
    times.push(await until(isThere, ALL_MOVED_WITHIN_MS, since));
  }
  await Promise.all(resolvers.map((one) => one.close()));
  return found(
    wrong === 0 && times.every(Number.isFinite) ? "holds" : "VIOLATED",
    `of ${RESOLVERS} resolvers over HTTP none serves what was before a move ${MOVED_WITHIN_MS} ms after it without saying that it is stale: ${wrong} did in ${MOVES} moves; all have it after ${shown(times)}`,
  );
}

/** A key that every server has believed a moment ago. */
async function proveRevoked(world: ServerWorld, replicas: readonly Replica[]): Promise<Finding> {
  const times: number[] = [];
  const overAfter: number[] = [];
  for (let round = 0; round < MOVES; round++) {
    const { key } = await createKey(world.db, { name: "x", role: "resolver", grants: {}, owner: "proof" });
    const hearers = await streamsOf({ ...world, key }, replicas, replicas.length);
    const statusOf = async ({ url }: Replica) => {
      const headers = { authorization: `Bearer ${key}` };
      return (await drained(fetch(`${url}/v1/prompts/${PROMPT}`, { headers }))).status;
    };
    for (const replica of replicas)
      if ((await statusOf(replica)) !== 200) return found("VIOLATED", "a new key is not let in");
    await withdrawKey(world.db, key.slice(4, 16));
    const since = performance.now();
    const isRefused = async () =>
      (await Promise.all(replicas.map(statusOf))).every((status) => status === 401 || status === 429);
    times.push(await until(isRefused, REFUSED_WITHIN_MS, since));
    const isOver = () => hearers.every((one) => one.isOver);
    overAfter.push(await until(isOver, REFUSED_WITHIN_MS, since));
    for (const { socket } of hearers) socket.destroy();
  }
  return found(
    [...times, ...overAfter].every(Number.isFinite) ? "holds" : "VIOLATED",
    `a revoked key is refused by all ${replicas.length} servers within ${REFUSED_WITHIN_MS} ms: after ${shown(times)}; its streams are ended after ${shown(overAfter)}`,
  );
}

/** Polls without a pause, of few clients and of many. */
async function proveReads(world: ServerWorld, [server]: readonly Replica[]): Promise<Finding> {
  const scopes = [{ label: "production", prompt: PROMPT, model: "", tenant: "" }];
  const perSecond: number[] = [];
  const polls: number[] = [];
  for (const connections of READERS) {
    const before = await commits(world);
    const done = await autocannon({
      url: `${server!.url}/v1/resolver/pointers`,
      method: "POST",
      headers: { authorization: `Bearer ${world.key}`, "content-type": "application/json" },
      body: JSON.stringify({ scopes, have: [] }),
      connections,
      duration: READ_SECONDS,
    });
    perSecond.push(((await commits(world)) - before) / READ_SECONDS);
    polls.push(done.requests.average);
    if (done.non2xx > 0) return found("VIOLATED", `${done.non2xx} polls were refused`);
  }
  const [few, many] = perSecond as [number, number];
  return found(
    many <= READS_GOAL * few ? "holds" : "VIOLATED",
    `${READERS[1]} clients that poll without a pause cost Postgres at most ${READS_GOAL} times what ${READERS[0]} do: ${many.toFixed(0)} and ${few.toFixed(0)} reads/s, for ${polls[1]!.toFixed(0)} and ${polls[0]!.toFixed(0)} polls/s`,
  );
}

/** Writes that are under way are finished, and streams are ended and not cut off. */
async function proveStopped(world: ServerWorld): Promise<Finding> {
  const server = await world.replica();
  const hearers = await openStreams({ server, key: world.key }, 200);
  let cut = 0;
  let over = 0;
  for (const { socket } of hearers) {
    socket.once("end", () => over++);
    socket.once("error", () => cut++);
  }
  const ids = Array.from({ length: 200 }, () => randomUUID());
  const begun = ids.map((id) => send(world, server, id));
  // As soon as some have been answered the others are on their way.
  await Promise.race(begun);
  const since = performance.now();
  const code = await server.end("SIGTERM");
  const took = performance.now() - since;
  const answers = await Promise.all(begun);
  const lost = answers.filter((status) => status === "cut").length;
  const answered = ids.filter((_, at) => answers[at] === 200);
  const stored = await countStored(world, answered);
  const isKept =
    code === 0 && cut === 0 && over === hearers.length && lost === 0 && stored === answered.length;
  return found(
    isKept && took < STOPPED_WITHIN_MS ? "holds" : "VIOLATED",
    `a server that is stopped ends with 0 within ${STOPPED_WITHIN_MS} ms: ${code} after ${took.toFixed(0)} ms; ${over} of ${hearers.length} streams were ended and ${cut} cut off; of ${ids.length} writes ${answered.length} were answered and are there, ${answered.length - stored} are missing, ${lost} were cut off`,
  );
}

/** Whoever writes sends again to another server what was not answered. */
async function proveKilled(world: ServerWorld, replicas: readonly Replica[]): Promise<Finding> {
  const ids = Array.from({ length: WRITES }, () => randomUUID());
  const waiting = [...ids];
  let again = 0;
  let killed: Promise<unknown> | undefined;
  const alive = () => (killed ? replicas.slice(1) : replicas);
  const lane = async (at: number) => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (waiting.length < WRITES / 2) killed ??= replicas[0]!.end("SIGKILL");
      for (let attempt = at; ; attempt++) {
        const servers = alive();
        if ((await send(world, servers[attempt % servers.length]!, id)) === 200) break;
        again++;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => lane(at)));
  await killed;
  const stored = await countStored(world, ids);
  const [all] = await world.query("select count(*) as n from sluice.outcomes where feedback = any($1)", [
    ids,
  ]);
  return found(
    stored === WRITES && Number(all!["n"]) === WRITES ? "holds" : "VIOLATED",
    `a server that is killed in the middle of ${WRITES} writes loses and doubles none: ${stored} are there, ${Number(all!["n"]) - stored} twice; ${again} had to be sent again`,
  );
}
