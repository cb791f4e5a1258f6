/** A service of the proof: makes calls `from` to `to`, some of them called off, and says of each when it begins and ends. */
import { writeSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { createInvoker } from "../../../src/invoke/index.ts";
import { seededRandom } from "../../../src/local/model-server/seeded-random.ts";
import { createResolver } from "../../../src/resolver/index.ts";
import { AT_ONCE, type CallNote, type CallerTask, idOf, LATENCY_MS } from "./calls.ts";

/** One call in so many is called off. */
const ABORTED = 3;

const { source, modelUrl, from, to, seed } = JSON.parse(process.argv[2]!) as CallerTask;
const random = seededRandom(seed + from);
const resolver = await createResolver({
  source,
  preload: ["support"],
  recording: { flushMs: 1 },
  fleet: false,
});
const invoker = createInvoker({
  resolver,
  providers: { openai: { apiKey: "local", baseURL: `${modelUrl}/v1` } },
  breaker: false,
  limits: { maxRetries: 2, maxRetryAfterMs: 200 },
});
// At once, whatever becomes of this process the moment after.
const note = (one: CallNote) => writeSync(1, `${JSON.stringify(one)}\n`);

async function call(n: number): Promise<void> {
  const request = {
    prompt: "support",
    unit: `u${n}`,
    variables: { question: `call ${n}: and now?` },
    id: idOf(n),
  };
  const isAborted = Math.floor(random() * ABORTED) === 0;
  const isStream = random() < 0.5;
  const abort = new AbortController();
  let abortedAt = Number.NaN;
  if (isAborted)
    setTimeout(
      () => {
        abortedAt = performance.now();
        abort.abort();
      },
      random() * LATENCY_MS * 3,
    );
  note({ n, at: "begin" });
  const asked = isStream
    ? invoker.stream({ ...request, signal: abort.signal }).result
    : invoker.invoke({ ...request, signal: abort.signal });
  const end = await asked.then(
    ({ attempts }) => ({ kind: "ok", attempts: attempts.length }),
    (error: { kind?: string; attempts?: readonly unknown[] }) => ({
      kind: error.kind ?? "internal",
      attempts: error.attempts?.length ?? 0,
    }),
  );
  const settledMs = end.kind === "cancelled" ? performance.now() - abortedAt : null;
  // What the caller of this service would be told only then.
  await resolver.flush();
  note({ n, at: "end", ...end, settledMs });
}

const TICK_MS = 5;
const late = monitorEventLoopDelay({ resolution: TICK_MS });
late.enable();
let next = from;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < to) await call(next++);
  }),
);
await invoker.close();
await resolver.close();
late.disable();
// Those that were to call off what has ended by itself.
await delay(LATENCY_MS * 4);
const left = process.getActiveResourcesInfo().filter((name) => !["PipeWrap", "FSReqCallback"].includes(name));
note({ at: "rest", lateMs: Math.max(0, late.percentile(99) / 1e6 - TICK_MS), left });
