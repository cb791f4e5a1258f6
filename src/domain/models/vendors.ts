/** What is said to an endpoint: `openai-chat` is OpenAI's chat completions, which many other vendors speak too. */
export type Wording = "openai-chat" | "anthropic-messages";

/**
 * How an endpoint is spoken to: `azure-openai` says the same as `openai-chat`, at an address of the deployment, and
 * `bedrock-anthropic` and `vertex-anthropic` the same as `anthropic-messages`, at one of the model, with a login of the
 * cloud.
 */
export type Protocol = Wording | "azure-openai" | "bedrock-anthropic" | "vertex-anthropic";

/** What is said over each protocol. */
export const WORDINGS = {
  "openai-chat": "openai-chat",
  "azure-openai": "openai-chat",
  "anthropic-messages": "anthropic-messages",
  "bedrock-anthropic": "anthropic-messages",
  "vertex-anthropic": "anthropic-messages",
} as const satisfies Record<Protocol, Wording>;

/** The vendors that need no configuration. */
export type Provider = "openai" | "anthropic";

/** What Sluice has to know of a vendor. */
export interface Vendor {
  readonly protocol: Wording;
  /** Where it serves its models, as its SDK takes it. */
  readonly url: string;
  /** What an endpoint's base URL ends with after the host. */
  readonly path: "" | "/v1";
  /** What its variables begin with: `…_API_KEY`, `…_BASE_URL`, `SLUICE_…_CONCURRENCY`. */
  readonly variables: string;
  /** The model that is asked when a service has no prompt to ask with. */
  readonly fallbackModel: string;
  /** Parameters that a model without sampling does not take. */
  readonly sampling: readonly string[];
}

const OPENAI_SAMPLING =
  "temperature top_p presence_penalty frequency_penalty logprobs top_logprobs logit_bias".split(" ");

/** One row a vendor. Another one is a row here, or an entry in `sluice.providers.yaml`. */
export const VENDORS = {
  openai: {
    protocol: "openai-chat",
    url: "https://api.openai.com/v1",
    path: "/v1",
    variables: "OPENAI",
    fallbackModel: "gpt-5.4-mini",
    sampling: OPENAI_SAMPLING,
  },
  anthropic: {
    protocol: "anthropic-messages",
    url: "https://api.anthropic.com",
    path: "",
    variables: "ANTHROPIC",
    fallbackModel: "claude-haiku-4-5",
    sampling: ["temperature", "top_p", "top_k"],
  },
} as const satisfies Record<Provider, Vendor>;

export const PROVIDERS = Object.keys(VENDORS) as readonly Provider[];

/** Whether a provider is one of the vendors that need no configuration. */
export function isProvider(name: string): name is Provider {
  return Object.hasOwn(VENDORS, name);
}

/** The row of a provider; undefined for one that only a configuration knows. */
export function vendorOf(provider: string): Vendor | undefined {
  return isProvider(provider) ? VENDORS[provider] : undefined;
}

/** What is said to a provider where no configuration says so: to one that is not built in what OpenAI's chat completions take. */
export function protocolOf(provider: string): Wording {
  return vendorOf(provider)?.protocol ?? "openai-chat";
}

/** Something for each vendor. */
export function eachVendor<T>(make: (provider: Provider, vendor: Vendor) => T): Record<Provider, T> {
  return Object.fromEntries(PROVIDERS.map((name) => [name, make(name, VENDORS[name])])) as Record<
    Provider,
    T
  >;
}
