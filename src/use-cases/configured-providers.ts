import type { Config } from "../config.ts";
import type { Breaker } from "../providers/circuit-breaker.ts";
import { createProviders, type Providers } from "../providers/create-providers.ts";
import { readPrices } from "../providers/prices.ts";
import { readTextFile } from "./read-file.ts";

export interface ProvidersWish {
  /** A prices file in place of the environment's. */
  readonly pricesFile?: string | undefined;
  /** Calls in flight at once where the environment does not say. */
  readonly concurrency?: number | undefined;
  readonly breaker?: Breaker | undefined;
}

/** The models as the environment says they are reached, paid and how often asked at once. */
export async function configuredProviders(config: Config, wish: ProvidersWish = {}): Promise<Providers> {
  const { openai, anthropic } = config;
  const { pricesFile = config.pricesFile, concurrency, breaker } = wish;
  const prices =
    pricesFile === undefined
      ? undefined
      : readPrices(await readTextFile(pricesFile, "a prices file"), pricesFile);
  return createProviders({
    openai: { apiKey: openai.apiKey, baseURL: openai.baseUrl, concurrency: openai.concurrency },
    anthropic: { apiKey: anthropic.apiKey, baseURL: anthropic.baseUrl, concurrency: anthropic.concurrency },
    ...(concurrency !== undefined && { concurrency }),
    ...(prices && { prices }),
    ...(breaker && { breaker }),
  });
}
