import * as v from "valibot";
import { checkSource, readSource } from "../domain/prompt/source-document.ts";
import { PROVIDERS } from "../domain/models/vendors.ts";
import type { ConfiguredProvider } from "./configured-provider.ts";
import type { PriceTable } from "./price.ts";
import { priceShape } from "./prices.ts";

export interface ProvidersFile {
  readonly providers: Readonly<Record<string, ConfiguredProvider>>;
  /** By `provider/model`; `provider/*` is the price of all its other models. */
  readonly prices: PriceTable;
}

const RESERVED = new Set(["model", "messages", "stream"]);

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{0,39}$/, "a provider's name has small letters, digits and -, 40 at most"),
  v.check(
    (text) => !PROVIDERS.some((known) => known === text),
    "this provider is built in; set its _BASE_URL and _API_KEY variables instead, or take another name",
  ),
);

const address = v.pipe(
  v.string("write it as https://host/v1"),
  v.check((text) => {
    const url = URL.parse(text);
    return (
      url !== null &&
      /^https?:$/.test(url.protocol) &&
      url.username + url.password + url.search + url.hash === ""
    );
  }, "write plain http(s), as in https://host/v1, without user name, query or fragment"),
);

const parameter = v.pipe(
  v.string(),
  v.check((text) => !RESERVED.has(text), "model, messages and stream are always sent as they are"),
);

const entry = v.strictObject({
  protocol: v.literal("openai-chat", "must be openai-chat: no other protocol can be configured yet"),
  base_url: address,
  key: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "name the variable that holds the key, not the key")),
  ),
  concurrency: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1, "1 or more"), v.maxValue(1000, "at most 1000")),
  ),
  drops: v.optional(v.array(parameter), []),
  renames: v.optional(v.record(parameter, parameter), {}),
  prices: v.optional(v.record(v.string(), priceShape), {}),
});

const file = v.record(name, entry);

/** Reads `sluice.providers.yaml`. Fails with `invalid_input` naming line and column. */
export function readProvidersFile(text: string, fileName: string): ProvidersFile {
  const entries = Object.entries(checkSource(readSource(text, fileName), file));
  return {
    providers: Object.fromEntries(
      entries.map(([provider, { protocol, base_url, key, concurrency, drops, renames }]) => [
        provider,
        {
          protocol,
          baseURL: base_url.replace(/\/+$/, ""),
          ...(key !== undefined && { keyVariable: key }),
          ...(concurrency !== undefined && { concurrency }),
          drops,
          renames,
        },
      ]),
    ),
    prices: Object.fromEntries(
      entries.flatMap(([provider, { prices }]) =>
        Object.entries(prices).map(([model, price]) => [`${provider}/${model}`, price]),
      ),
    ),
  };
}
