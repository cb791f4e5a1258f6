/** How long it takes, in memory, beside peers in the same process. */
import { spawnSync } from "node:child_process";
import { createResolver, MemorySource, type Resolver } from "../src/resolver/index.ts";
import { heapInUse } from "./resolver-heap.ts";
import type { BenchOptions, Row } from "./row.ts";
import { installPeers, openLangfuse, openPeers, type LangfusePeer, type Peer } from "./resolver-peers.ts";
import { race, type Contestant } from "./resolver-timing.ts";
import { openOurs, PROMPTS, TEXT, UNITS, VALUES } from "./resolver-world.ts";

const prompt = (i: number): string => PROMPTS[i % PROMPTS.length]!;
const unit = (i: number): string => UNITS[i % UNITS.length]!;
const buffer = Buffer.allocUnsafe(8_192);
/** Keeps results alive, so that no engine finds out that nobody needs them. */
const sink: { value: unknown } = { value: undefined };

export async function speedRows({ minutes, progress }: BenchOptions): Promise<Row[]> {
  const peered = installPeers(progress);
  const peers = peered ? await openPeers(PROMPTS) : [];
  const langfuse = peered ? await openLangfuse(TEXT) : undefined;
  if (!peered) progress("the peers could not be installed: ours is measured alone");
  try {
    if (langfuse) await Promise.all(PROMPTS.map((name) => langfuse.get(name)));
    const rounds = Math.max(6, Math.min(16, Math.round(minutes * 3)));
    progress("resolving and rendering, in turns with the peers");
    return await raceRows(peers, langfuse, rounds);
  } finally {
    for (const peer of peers) await peer.close();
    langfuse?.close();
  }
}

async function raceRows(
  peers: readonly Peer[],
  langfuse: LangfusePeer | undefined,
  rounds: number,
): Promise<Row[]> {
  const ours = await openOurs("mustache");
  const jinja = await openOurs("jinja");
  const map = new Map(PROMPTS.map((name) => [name, { name }]));
  // As a service would: a new request each time.
  const contestants: Contestant[] = [
    { name: "floor", run: (n) => void loop(n, (i) => map.get(prompt(i))) },
    { name: "sync", run: (n) => void loop(n, (i) => ours.resolveSync({ prompt: prompt(i), unit: unit(i) })) },
    {
      name: "awaited",
      run: (n) => awaitedLoop(n, (i) => ours.resolve({ prompt: prompt(i), unit: unit(i) })),
    },
    ...peers.map((peer) => ({
      name: peer.name,
      run: (n: number) =>
        peer.awaited
          ? awaitedLoop(n, (i) => peer.split(prompt(i), unit(i)) as Promise<unknown>)
          : loop(n, (i) => peer.split(prompt(i), unit(i))),
    })),
    // Each its own function, as everybody else has: one made twice is compiled for neither.
    {
      name: "render",
      run: (n) =>
        loop(n, (i) =>
          buffer.write(
            ours.resolveSync({ prompt: prompt(i), unit: unit(i) }).render(VALUES).messages[0]!.content,
          ),
        ),
    },
    {
      name: "jinja",
      run: (n) =>
        loop(n, (i) =>
          buffer.write(
            jinja.resolveSync({ prompt: prompt(i), unit: unit(i) }).render(VALUES).messages[0]!.content,
          ),
        ),
    },
    { name: "write", run: (n) => loop(n, () => buffer.write(TEXT)) },
    ...(langfuse
      ? [
          { name: "Langfuse", run: (n: number) => awaitedLoop(n, (i) => langfuse.get(prompt(i))) },
          {
            name: "Langfuse render",
            run: (n: number) =>
              awaitedLoop(n, async (i) => {
                const found = await langfuse.get(prompt(i));
                return buffer.write(found.compile(VALUES) as string);
              }),
          },
        ]
      : []),
  ];
  const took = await race(contestants, { rounds, roundMs: 200 });
  const allocated = bytesAllocated();
  const growth = growthOver(ours, 10_000_000);
  const [coldOurs, coldLangfuse] = [await coldReads(), langfuse ? await langfuseColdReads(langfuse) : null];
  await Promise.all([ours.close(), jinja.close()]);

  const best = peers.reduce<Peer | undefined>(
    (found, peer) => (!found || took.get(peer.name)! < took.get(found.name)! ? peer : found),
    undefined,
  );
  const row = (
    work: string,
    name: string,
    peerName: string | null,
    goal: (peer: number) => number,
    limit: string | null,
  ): Row => {
    const mine = took.get(name)!;
    const peer = peerName === null ? null : (took.get(peerName) ?? null);
    const aim = peer === null ? null : goal(peer);
    return {
      work,
      ours: mine,
      unit: "ns",
      peer,
      peerName: peer === null ? null : peerName,
      limit: limit === null ? null : took.get(limit)!,
      ratio: peer === null ? null : mine / peer,
      goal: aim,
      met: aim === null ? null : mine <= aim,
    };
  };
  return [
    row("resolveSync with a sticky split", "sync", best?.name ?? null, (peer) => peer / 4, "floor"),
    ...peers.map((peer) => ({
      ...row(`the same by ${peer.name}`, "sync", peer.name, (its) => its, null),
      goal: null,
      met: null,
    })),
    row("resolve, awaited", "awaited", "Langfuse", (peer) => peer, "floor"),
    row(
      "resolve + render 2 kB of mustache, written",
      "render",
      "Langfuse render",
      (peer) => peer / 12,
      "write",
    ),
    row("the same in jinja that only substitutes", "jinja", "render", (mustache) => mustache * 2, "write"),
    plain("allocated by one resolveSync", allocated, "bytes", 130),
    plain("heap grown over 10 million resolveSync", growth, "MB", 1),
    {
      ...plain("upstream reads for 200 concurrent cold reads of one key", coldOurs, "reads", 1),
      peer: coldLangfuse,
      peerName: coldLangfuse === null ? null : "Langfuse",
      ratio: coldLangfuse === null ? null : coldOurs / coldLangfuse,
    },
  ];
}

/** A row without a peer, met when it is not above its goal. */
export function plain(work: string, ours: number, unit: string, goal: number | null): Row {
  const met = goal === null ? null : ours <= goal;
  return { work, ours, unit, peer: null, peerName: null, limit: null, ratio: null, goal, met };
}

function loop(times: number, work: (i: number) => unknown): void {
  for (let i = 0; i < times; i++) sink.value = work(i);
}

async function awaitedLoop(times: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) sink.value = await work(i);
}

/** In a process of its own, whose young generation is large enough that nothing is collected meanwhile. */
function bytesAllocated(): number {
  const child = spawnSync(
    process.execPath,
    [
      "--expose-gc",
      "--min-semi-space-size=64",
      "--max-semi-space-size=64",
      `${import.meta.dirname}/resolver-allocation.ts`,
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  return Number(child.stdout);
}

function growthOver(ours: Resolver, times: number): number {
  const run = (n: number) => loop(n, (i) => ours.resolveSync({ prompt: prompt(i), unit: unit(i) }));
  run(100_000);
  const before = heapInUse();
  run(times);
  return (heapInUse() - before) / 1e6;
}

async function coldReads(): Promise<number> {
  const source = new MemorySource();
  source.setPointer(
    { label: "production", prompt: "cold" },
    {
      active: source.addVersion("cold", {
        syntax: "mustache",
        model: "m",
        params: {},
        variables: {},
        messages: [],
      }),
    },
  );
  const resolver = await createResolver({ source, onWarning: () => undefined });
  await new Promise((turn) => setImmediate(turn));
  const before = source.reads;
  await Promise.all(Array.from({ length: 200 }, () => resolver.resolve({ prompt: "cold" })));
  await resolver.close();
  return source.reads - before;
}

async function langfuseColdReads(langfuse: LangfusePeer): Promise<number> {
  const before = langfuse.requests();
  await Promise.all(Array.from({ length: 200 }, () => langfuse.get("cold")));
  return langfuse.requests() - before;
}
