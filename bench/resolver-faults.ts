/** What a service notices when its Postgres is killed, frozen, slow, restarted or silent: nothing but age. */
import { readFileSync, readdirSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createResolver, type Resolver } from "../src/resolver/index.ts";
import type { BenchOptions, Row } from "./row.ts";
import { PROMPT, type Store } from "./resolver-moves.ts";
import { plain } from "./resolver-speed.ts";
import { quantile } from "simple-statistics";

/** Resolves a second, of one prompt by many units. */
const RATE = 1_000;

interface Load {
  readonly took: number[];
  failed: number;
  stop(): Promise<void>;
}

export async function faultRows(store: Store, { progress }: BenchOptions): Promise<Row[]> {
  const gate = await openGate(store.url);
  const resolver = await createResolver({ source: gate.url, preload: [PROMPT], onWarning: () => undefined });
  const rows: Row[] = [];
  let next = 1;
  const scene = async (
    name: string,
    breakIt: () => Promise<void>,
    mend: () => Promise<void>,
  ): Promise<void> => {
    progress(`${RATE} resolves a second while Postgres is ${name}`);
    const load = startLoad(resolver);
    await delay(500);
    await breakIt();
    await delay(7_000);
    await mend();
    const version = store.versions[next]!;
    next = 1 - next;
    const mendedAt = performance.now();
    // The move itself may have to wait until Postgres has recovered.
    while (
      !(await store.move(version).then(
        () => true,
        () => false,
      ))
    )
      await delay(20);
    const movedAt = performance.now();
    while (resolver.resolveSync({ prompt: PROMPT }).versionId !== version) {
      if (performance.now() - movedAt > 30_000) throw new Error(`${name}: the new version is not served`);
      await delay(1);
    }
    const back = (performance.now() - Math.max(movedAt, mendedAt)) / 1_000;
    await load.stop();
    rows.push(
      { ...plain(`failed resolves while ${name}`, load.failed, "resolves", 0), runs: load.took.length },
      { ...plain(`resolve while ${name}, 99 of 100`, quantile(load.took, 0.99) * 1_000, "µs", 1_000) },
      { ...plain(`${name}: the right version after its return`, back, "s", 5) },
    );
  };
  const nothing = async () => undefined;
  try {
    await scene("well", nothing, nothing);
    await scene("silent (its notifications lost)", async () => gate.deafen(true), nothing);
    gate.deafen(false);
    await scene(
      "slow by 2 s",
      async () => gate.delay(2_000),
      async () => gate.delay(0),
    );
    await scene(
      "cut off",
      async () => gate.refuse(true),
      async () => gate.refuse(false),
    );
    await scene(
      "frozen (SIGSTOP)",
      async () => signalAll(store.pid, "SIGSTOP"),
      async () => signalAll(store.pid, "SIGCONT"),
    );
    await scene(
      "killed in each of its connections (SIGKILL), and recovers",
      async () => killBackends(store.pid),
      nothing,
    );
    return rows;
  } finally {
    await resolver.close();
    await gate.close();
  }
}

function startLoad(resolver: Resolver): Load {
  const took: number[] = [];
  const load = { took, failed: 0, stop: async () => undefined as void };
  let on = true;
  const running = (async () => {
    let due = performance.now();
    for (let i = 0; on; i++) {
      const startedAt = performance.now();
      const prompt = await resolver.resolve({ prompt: PROMPT, unit: `unit-${i}` });
      if (prompt.version === null) load.failed++;
      took.push(performance.now() - startedAt);
      due += 1_000 / RATE;
      if (due > performance.now()) await delay(1);
    }
  })();
  load.stop = async () => {
    on = false;
    await running;
  };
  return load;
}

/** The postmaster and the processes that it has started. */
function family(pid: number): number[] {
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
    } catch {
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}

function signalAll(pid: number, signal: NodeJS.Signals): void {
  for (const one of family(pid)) process.kill(one, signal);
}

/** Kills every process that serves a connection: the postmaster then ends all others and recovers from its log. */
function killBackends(pid: number): void {
  for (const child of family(pid).slice(1)) {
    try {
      const command = readFileSync(`/proc/${child}/cmdline`, "utf8");
      if (command.includes("127.0.0.1")) process.kill(child, "SIGKILL");
    } catch {
      // The first one's death has made the postmaster end it already.
    }
  }
}

/** A TCP proxy that can be slow, shut, or keep Postgres's notifications to itself. */
async function openGate(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let delayMs = 0;
  let refusing = false;
  let deaf = false;
  const server = createServer((client) => {
    if (refusing) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    const forward = (from: Socket, to: Socket, filter: (data: Buffer) => Buffer) => {
      open.add(from);
      from.on("data", (data) => {
        const passed = filter(data);
        if (delayMs > 0) setTimeout(() => to.write(passed), delayMs);
        else to.write(passed);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    };
    forward(client, upstream, (data) => data);
    forward(upstream, client, (data) => (deaf ? withoutNotifications(data) : data));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as { port: number }).port);
  url.hostname = "127.0.0.1";
  const cut = () => open.forEach((socket) => socket.destroy());
  return {
    url: url.href,
    delay: (ms: number) => void (delayMs = ms),
    deafen: (on: boolean) => void (deaf = on),
    refuse(on: boolean): void {
      refusing = on;
      if (on) cut();
    },
    async close(): Promise<void> {
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Takes NotificationResponse messages (type `A`, then four bytes of length) out of what Postgres sends. */
function withoutNotifications(data: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    const end = at + 1 + (at + 5 <= data.length ? data.readUInt32BE(at + 1) : data.length);
    if (data[at] !== 0x41) kept.push(data.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}
