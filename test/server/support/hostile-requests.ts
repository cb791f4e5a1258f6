import { setTimeout as delay } from "node:timers/promises";
import type { PlainRoute } from "../../../src/server/route.ts";

/** What is attacked, and with which key that is good. */
export interface Attacked {
  readonly routes: readonly Pick<PlainRoute, "method" | "path">[];
  readonly key: string;
}

/** A request that somebody made up, and what was answered. */
export interface Sent<Answered> {
  readonly answered: Answered;
  /** For messages. */
  readonly what: string;
}

/** Nothing here takes a server so long that it could be told from one that hangs. */
const HANGS_MS = 60_000;

/** Sends so many requests, the same in every run of a seed, each once the one before is answered; streams are left out. */
export async function* attack<Answered>(
  { count, seed, ...attacked }: Attacked & { readonly count: number; readonly seed: number },
  send: (request: string, init: ReturnType<typeof madeUp>["init"]) => Promise<Answered>,
): AsyncGenerator<Sent<Answered>> {
  const random = randomFrom(seed);
  for (let n = 0; n < count; n++) {
    const { request, init } = madeUp(random, attacked);
    if (/stream|events|changes/.test(request)) continue;
    const what = `${n}: ${request.slice(0, 200)} ${String(init.body).slice(0, 300)}`;
    const hung = delay(HANGS_MS, "hung" as const, { ref: false });
    const answered = await Promise.race([send(request, init), hung]);
    if (answered === "hung") throw new Error(`no answer: ${what}`);
    yield { answered, what };
  }
}

/** What nobody is told by an answer: where the code is, what the store said, files of the machine. */
export const TOLD_TO_NOBODY = /\bat .*\.ts:\d+|node_modules|syntax error at or near|root:x:/;

/** Mulberry32: the same requests in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
/** As JSON texts, since not all of them are values that a program would write. */
const VALUES = [
  "null",
  "true",
  "-1",
  "0",
  "1e400",
  "1e308",
  "9007199254740993",
  '""',
  '" "',
  String.raw`"\u0000"`,
  String.raw`"\ud800"`,
  String.raw`"\u202etxt.exe"`,
  JSON.stringify("💥".repeat(2_000)),
  JSON.stringify("a".repeat(100_000)),
  '"../../../../etc/passwd"',
  '"file:///etc/passwd"',
  '"git:HEAD:package.json"',
  '"env:DATABASE_URL"',
  JSON.stringify("'; drop table sluice.keys; --"),
  '"%00%ff%zz"',
  "\"{{ constructor.constructor('return process')() }}\"",
  "[]",
  "{}",
  '{"__proto__":{"role":"admin"}}',
  '{"constructor":{"prototype":{}}}',
  '{"a":1,"a":2}',
  '{"$ref":"file:///etc/passwd"}',
  nested(60, "[", "]"),
  nested(100_000, "[", "]"),
  `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
];
const BODIES: readonly string[] = [
  JSON.stringify({ prompt: "a/b", unit: "u", variables: { name: "x" }, label: "production", tenant: "t" }),
  JSON.stringify({ scopes: [{ label: "production", prompt: "a/b", model: "", tenant: "" }], have: [] }),
  JSON.stringify({ exposures: [], outcomes: [] }),
  JSON.stringify({ items: [{ token: "x", metrics: { rating: 5 } }] }),
  JSON.stringify({ prompt: "a/b", reason: "worse", to: "a/b@1" }),
  JSON.stringify({ file: { model: "openai/x", messages: [{ role: "user", content: "hi" }] }, message: "m" }),
  JSON.stringify({ label: "beta", version: 1, reason: "r", expectedRevision: 0, force: true }),
  JSON.stringify({ prompt: "a/b", version: 1, policy: { gate: { dataset: "d" } }, dataset: [{ vars: {} }] }),
  JSON.stringify({ versionId: "00000000-0000-4000-8000-000000000000", variables: {} }),
];
const PARTS = ["a%2Fb", "a/b", "%00", "%ff", "%zz", "%2e%2e%2f", "x".repeat(600), "labels", "versions", "1"];

/** A request that somebody made up: a route of the table, or near one, with something wrong in one or more places. */
function madeUp(random: () => number, { routes, key: good }: Attacked) {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const route = one(routes);
  const path = route.path.replaceAll(/:\w+/g, () => one(PARTS));
  const query = Array.from(
    { length: Math.floor(random() * 4) },
    () =>
      `${one(["prompt", "label", "cursor", "limit", "unit", "__proto__", "version"])}=${one([...PARTS, "", "1e9"])}`,
  );
  const body = one(BODIES);
  // Some value in it becomes a worse one.
  const places = [...body.matchAll(/:("[^"]*"|\d+|true|\[\]|\{\})/g)];
  const place = places[Math.floor(random() * places.length)];
  const worse = place
    ? `${body.slice(0, place.index + 1)}${one(VALUES)}${body.slice(place.index + place[0].length)}`
    : body;
  const sent = one([body, worse, worse, worse, worse.slice(0, -1), one(VALUES), `\ufeff${body}`]);
  const method = random() < 0.9 ? route.method : one(["GET", "POST", "PUT", "DELETE"]);
  const type =
    random() < 0.9
      ? "application/json"
      : one(["text/plain", "application/yaml", "application/json; charset=utf-16"]);
  const key = random() < 0.9 ? good : one([`${good.slice(0, -1)}_`, "slu_aaaaaaaaaaaa_x", "x".repeat(5_000)]);
  return {
    request: `${method} ${path}${query.length > 0 ? `?${query.join("&")}` : ""}`,
    init: {
      key,
      ...(method !== "GET" && { body: sent }),
      headers: {
        "content-type": type,
        ...(random() < 0.2 && { "idempotency-key": one(["k", "x".repeat(300), "a b"]) }),
      },
    },
  };
}
