import { setTimeout as delay } from "node:timers/promises";
import { parseModelTarget } from "../domain/prompt/artifact.ts";
import { demoOpinion, demoQuestion } from "./demo-user.ts";
import { type Providers, createProviders } from "../providers/create-providers.ts";
import { type Resolver, createResolver } from "../resolver/index.ts";
import { PRODUCT, PROMPT } from "./chapters.ts";

export interface TrafficOptions {
  readonly databaseUrl: string;
  readonly modelServerUrl: string;
  /** New users a second. Fewer come while the machine cannot keep up. */
  readonly usersPerSecond: number;
}

export interface TrafficCounts {
  readonly users: number;
  /** Users whose request failed, or whose answer the application could not show. */
  readonly errors: number;
  /** By version number; what was served so far. */
  readonly byVersion: Readonly<Record<number, number>>;
}

export interface Traffic {
  counts(): TrafficCounts;
  setRate(usersPerSecond: number): void;
  /** Waits for the requests under way and sends what is recorded. */
  stop(): Promise<void>;
}

/** Requests under way at once: a machine that is slower than the users makes them fewer, not more late. */
const MOST_UNDER_WAY = 48;
const TURN_MS = 20;

/**
 * Simulated users of a support application. Each is a new one, asks one question and rates the answer; the
 * application does what a service does: resolve, call the model through the vendor's SDK, record.
 */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const resolver = await createResolver({
    source: options.databaseUrl,
    preload: [PROMPT],
    recording: { flushMs: 100 },
  });
  const providers = createProviders({
    openai: { apiKey: "local", baseURL: `${options.modelServerUrl}/v1` },
    concurrency: MOST_UNDER_WAY,
    maxRetries: 1,
    timeoutMs: 10_000,
  });
  const counts = { users: 0, errors: 0, byVersion: {} as Record<number, number> };
  const underWay = new Set<Promise<void>>();
  const stopped = new AbortController();
  let rate = options.usersPerSecond;

  async function arrive(): Promise<void> {
    let last = performance.now();
    let due = 0;
    while (!stopped.signal.aborted) {
      await delay(TURN_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      const now = performance.now();
      // What a pause of the machine has missed does not come all at once.
      due = Math.min(due + (rate * (now - last)) / 1000, rate / 4 + 1);
      last = now;
      for (; due >= 1 && underWay.size < MOST_UNDER_WAY && !stopped.signal.aborted; due--) {
        const visit = serve(`user-${++counts.users}`).finally(() => underWay.delete(visit));
        underWay.add(visit);
      }
    }
  }

  async function serve(user: string): Promise<void> {
    const served = await serveUser(resolver, providers, user);
    if (served.error) counts.errors++;
    counts.byVersion[served.version] = (counts.byVersion[served.version] ?? 0) + 1;
  }

  const arriving = arrive();
  let stopping: Promise<void> | undefined;
  return {
    counts: () => ({ ...counts, byVersion: { ...counts.byVersion } }),
    setRate(usersPerSecond) {
      rate = usersPerSecond;
    },
    stop: () =>
      (stopping ??= (async () => {
        stopped.abort();
        await arriving;
        await Promise.allSettled(underWay);
        await resolver.close();
      })()),
  };
}

async function serveUser(
  resolver: Resolver,
  providers: Providers,
  user: string,
): Promise<{ readonly version: number; readonly error: boolean }> {
  const question = demoQuestion(user);
  const prompt = await resolver.resolve({ prompt: PROMPT, unit: user });
  const target = parseModelTarget(prompt.artifact.model);
  if (prompt.version === null || target === undefined) return { version: 0, error: true };
  const started = performance.now();
  try {
    const request = prompt.toOpenAI({ product: PRODUCT, question });
    const { text } = await providers.complete({ target, request: { ...request } });
    const latency_ms = performance.now() - started;
    const { rating, resolved } = demoOpinion(question, text, user);
    const error = !isShowable(text);
    resolver.record(prompt, { metrics: { rating, resolved, latency_ms, error } });
    return { version: prompt.version, error };
  } catch {
    resolver.record(prompt, { metrics: { error: true } });
    return { version: prompt.version, error: true };
  }
}

/** What the application needs to show an answer at all. */
function isShowable(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { answer?: unknown } | null)?.answer === "string";
  } catch {
    return false;
  }
}
