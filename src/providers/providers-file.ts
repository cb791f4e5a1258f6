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

const openaiChat = v.strictObject({ protocol: v.literal("openai-chat"), base_url: address, ...whatever });

const anthropic = v.strictObject({
  protocol: v.literal("anthropic-messages"),
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

const region = v.pipe(
  v.string("write it as in eu-central-1"),
  v.regex(/^[a-z][a-z0-9-]{0,39}$/, "write the cloud's name of the region, as in eu-central-1"),
);

const cloudName = v.pipe(
  v.string(),
  v.regex(/^[\w.:@/-]{1,256}$/, "write the name that the cloud has for the model"),
);

const claude = {
  region,
  base_url: v.optional(address),
  /** The cloud's names by model. */
  models: v.optional(v.record(v.string(), cloudName), {}),
  ...whatever,
};

const bedrock = v.strictObject({ protocol: v.literal("bedrock-anthropic"), ...claude });

const vertex = v.strictObject({
  protocol: v.literal("vertex-anthropic"),
  project: v.pipe(
    v.string("write the id of the project"),
    v.regex(/^[a-z0-9][a-z0-9.:-]{0,99}$/, "write the id of the project, as in my-project-123"),
  ),
  ...claude,
});

const entry = v.variant(
  "protocol",
  [openaiChat, anthropic, azure, bedrock, vertex],
  "must be openai-chat, anthropic-messages, azure-openai, bedrock-anthropic or vertex-anthropic: no other protocol can be configured yet",
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
type Shared = Exclude<keyof Entry & keyof typeof whatever, "prices">;
type Place = Pick<ConfiguredProvider, "protocol" | "baseURL" | "azure" | "cloud">;

function placeOf(reached: DistributedOmit<Entry, Shared>): Place {
  switch (reached.protocol) {
    case "openai-chat":
    case "anthropic-messages":
      return { protocol: reached.protocol, baseURL: plain(reached.base_url) };
    case "azure-openai": {
      const { protocol, endpoint, api_version: apiVersion, deployments } = reached;
      return { protocol, baseURL: `${plain(endpoint)}/openai`, azure: { apiVersion, deployments } };
    }
    case "bedrock-anthropic": {
      const {
        protocol,
        region,
        models,
        base_url = `https://bedrock-runtime.${region}.amazonaws.com`,
      } = reached;
      return { protocol, baseURL: plain(base_url), cloud: { region, models } };
    }
    case "vertex-anthropic": {
      const { protocol, region, project, models, base_url = vertexAddress(region) } = reached;
      return { protocol, baseURL: plain(base_url), cloud: { region, project, models } };
    }
  }
}

type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function plain(url: string): string {
  return url.replace(/\/+$/, "");
}

/** Where Google serves a region; `us` and `eu` are several, `global` is wherever there is room. */
function vertexAddress(region: string): string {
  if (region === "global") return "https://aiplatform.googleapis.com/v1";
  if (region === "us" || region === "eu") return `https://aiplatform.${region}.rep.googleapis.com/v1`;
  return `https://${region}-aiplatform.googleapis.com/v1`;
}
