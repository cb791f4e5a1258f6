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

const whatever = {
  key: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, "name the variable that holds the key, not the key")),
  ),
  concurrency: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1, "1 or more"), v.maxValue(1000, "at most 1000")),
  ),
  drops: v.optional(v.array(parameter), []),
  renames: v.optional(v.record(parameter, parameter), {}),
  prices: v.optional(v.record(v.string(), priceShape), {}),
};

const openaiChat = v.strictObject({
  protocol: v.literal("openai-chat"),
  base_url: address,
  ...whatever,
});

const deployment = v.pipe(
  v.string(),
  v.regex(/^[\w.-]{1,64}$/, "a deployment's name has letters, digits, . _ and -, 64 at most"),
);

const azure = v.strictObject({
  protocol: v.literal("azure-openai"),
  /** Of the resource. */
  endpoint: address,
  api_version: v.pipe(
    v.string('write it in quotes, as in "2026-05-01"'),
    v.regex(/^[\w.-]{1,40}$/, "write the version of Azure's API, as in 2026-05-01"),
  ),
  deployments: v.optional(v.record(v.string(), deployment), {}),
  ...whatever,
});

const entry = v.variant(
  "protocol",
  [openaiChat, azure],
  "must be openai-chat or azure-openai: no other protocol can be configured yet",
);

const file = v.record(name, entry);

/** Reads `sluice.providers.yaml`. Fails with `invalid_input` naming line and column. */
export function readProvidersFile(text: string, fileName: string): ProvidersFile {
  const entries = Object.entries(checkSource(readSource(text, fileName), file));
  return {
    providers: Object.fromEntries(
      entries.map(([provider, { key, concurrency, drops, renames, ...reached }]) => [
        provider,
        {
          ...placeOf(reached),
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

type Entry = v.InferOutput<typeof entry>;
type Reached = Omit<v.InferOutput<typeof openaiChat>, Shared> | Omit<v.InferOutput<typeof azure>, Shared>;
type Shared = Exclude<keyof Entry & keyof typeof whatever, "prices">;

function placeOf(reached: Reached): Pick<ConfiguredProvider, "protocol" | "baseURL" | "azure"> {
  const plain = (url: string) => url.replace(/\/+$/, "");
  if (reached.protocol === "openai-chat")
    return { protocol: reached.protocol, baseURL: plain(reached.base_url) };
  const { protocol, endpoint, api_version: apiVersion, deployments } = reached;
  return { protocol, baseURL: `${plain(endpoint)}/openai`, azure: { apiVersion, deployments } };
}
