/** 200 prompts of 50 tenants through a cache of 200: what is found again, and what it costs in memory. */
import { createResolver, MemorySource } from "../src/resolver/index.ts";
import type { Row } from "./row.ts";
import { heapInUse } from "./resolver-heap.ts";
import { plain } from "./resolver-speed.ts";

const PROMPTS = 200;
const TENANTS = 50;
const MAX = 200;
const REQUESTS = 40_000;

export async function cacheRows(): Promise<Row[]> {
  const source = new MemorySource();
  for (let i = 0; i < PROMPTS; i++)
    source.setPointer(
      { label: "production", prompt: `prompt-${i}` },
      {
        active: source.addVersion(`prompt-${i}`, {
          syntax: "mustache",
          model: "openai/gpt-5.4-mini",
          params: {},
          variables: {},
          messages: [{ role: "user", content: `${i} ${"Answer briefly. ".repeat(125)}` }],
        }),
      },
    );
  const resolver = await createResolver({ source, cache: { max: MAX }, onWarning: () => undefined });
  const ideal = new LeastRecentlyUsed(MAX);
  const draw = skewed(PROMPTS * TENANTS);
  const before = heapInUse();
  let hits = 0;
  for (let i = 0; i < REQUESTS; i++) {
    const key = draw();
    const request = { prompt: `prompt-${key % PROMPTS}`, tenant: `tenant-${Math.floor(key / PROMPTS)}` };
    if ((await resolver.resolve(request)).source === "memory") hits++;
    ideal.use(key);
  }
  const grown = (heapInUse() - before) / 1e6;
  await resolver.close();
  const [ours, best] = [(100 * hits) / REQUESTS, (100 * ideal.hits) / REQUESTS];
  return [
    {
      ...plain("found in memory: 200 prompts of 50 tenants, cache of 200", ours, "%", null),
      peer: best,
      peerName: "an ideal LRU of 200",
      ratio: ours / best,
      goal: best,
      met: ours >= best - 0.01,
    },
    plain("memory that takes", grown, "MB", 5),
  ];
}

class LeastRecentlyUsed {
  hits = 0;
  readonly #keys = new Set<number>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  use(key: number): void {
    if (this.#keys.delete(key)) this.hits++;
    this.#keys.add(key);
    if (this.#keys.size > this.#max) this.#keys.delete(this.#keys.values().next().value!);
  }
}

/** Zipf's law by a seeded generator: a few are asked for often, most hardly ever. */
function skewed(count: number): () => number {
  const weights = Array.from({ length: count }, (_, i) => 1 / (i + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const cumulated: number[] = [];
  let sum = 0;
  for (const weight of weights) cumulated.push((sum += weight / total));
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const wanted = state / 2 ** 32;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulated[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
