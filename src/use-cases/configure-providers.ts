import { type Config, loadKeyVariable } from "../config.ts";
import { eachVendor, type Protocol } from "../domain/models/vendors.ts";
import type { Breaker } from "../providers/breaking/circuit-breaker.ts";
import { createProviders, type Providers } from "../providers/create-providers.ts";
import { LIST_PRICES, readPrices } from "../providers/prices.ts";
import { type ProvidersFile, readProvidersFile } from "../providers/providers-file.ts";
import { readTextFile } from "./read-file.ts";

export interface ProviderOverrides {
  /** A prices file in place of the environment's. */
  readonly pricesFile?: string | undefined;
  /** Calls in flight at once where the environment does not say. */
  readonly concurrency?: number | undefined;
  readonly breaker?: Breaker | undefined;
}

/** The models as environment and `sluice.providers.yaml` say they are reached, paid and how often asked at once. */
export async function configureProviders(
  config: Config,
  overrides: ProviderOverrides = {},
): Promise<Providers> {
  const { pricesFile = config.pricesFile, concurrency, breaker } = overrides;
  const named = await readNamedProviders(config);
  const listed = { ...LIST_PRICES, ...named.prices };
  const prices =
    pricesFile === undefined
      ? listed
      : readPrices(await readTextFile(pricesFile, "a prices file"), pricesFile, listed);
  return createProviders({
    ...eachVendor((vendor) => {
      const { apiKey, baseUrl, concurrency: atOnce } = config[vendor];
      return { apiKey, baseURL: baseUrl, concurrency: atOnce };
    }),
    configured: Object.fromEntries(
      await Promise.all(
        Object.entries(named.providers).map(async ([name, provider]) => {
          const variable = provider.keyVariable ?? USUAL_KEYS[provider.protocol];
          const apiKey = variable && (await loadKeyVariable(variable));
          return [name, { ...provider, apiKey }] as const;
        }),
      ),
    ),
    prices,
    ...(config.proxy && { proxy: config.proxy }),
    ...(concurrency !== undefined && { concurrency }),
    ...(breaker && { breaker }),
  });
}

/** Where a key is that no file need name. */
const USUAL_KEYS: Partial<Record<Protocol, string>> = { "bedrock-anthropic": "AWS_BEARER_TOKEN_BEDROCK" };

/** The providers that `sluice.providers.yaml` names; none without one. */
export async function readNamedProviders({
  providersFile,
}: Pick<Config, "providersFile">): Promise<ProvidersFile> {
  if (providersFile === undefined) return { providers: {}, prices: {} };
  return readProvidersFile(await readTextFile(providersFile, "a providers file"), providersFile);
}
