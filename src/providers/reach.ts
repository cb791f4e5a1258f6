import { invalidInput } from "../domain/errors.ts";
import { didYouMean } from "../domain/text/suggestion.ts";
import { shown } from "../domain/text/visible.ts";
import { PROVIDERS, type Protocol, protocolOf, type Provider, vendorOf } from "../domain/models/vendors.ts";
import type { CallTarget } from "./completion.ts";
import type { ConfiguredProvider } from "./configured-provider.ts";

export interface ProviderSettings {
  readonly apiKey?: string | undefined;
  /** As the vendor's SDK takes it: with `/v1` for OpenAI, without for Anthropic. */
  readonly baseURL?: string | undefined;
  /** Calls in flight at once, in place of the one for all providers. */
  readonly concurrency?: number | undefined;
}

/** A provider that a file names, with the key that its variable holds. */
export interface ConfiguredSettings extends ConfiguredProvider {
  readonly apiKey?: string | undefined;
}

export interface ProviderTable extends Partial<Readonly<Record<Provider, ProviderSettings>>> {
  /** Beside the vendors that are built in, by name. */
  readonly configured?: Readonly<Record<string, ConfiguredSettings>>;
}

/** How a provider is reached. */
export interface Reach {
  readonly protocol: Protocol;
  readonly baseURL: string;
  readonly settings: ProviderSettings;
  readonly configured?: ConfiguredSettings;
}

/** How a provider is reached; `invalid_input` for one that is neither built in nor configured. */
export function reachOf(table: ProviderTable, { provider, endpoint }: CallPlaceOf): Reach {
  const vendor = vendorOf(provider);
  if (vendor) {
    const settings = table[provider as Provider] ?? {};
    return {
      protocol: vendor.protocol,
      baseURL: endpoint?.baseURL ?? (settings.baseURL || vendor.url),
      settings,
    };
  }
  const known = table.configured ?? {};
  const configured = Object.hasOwn(known, provider) ? known[provider] : undefined;
  if (configured)
    return {
      protocol: configured.protocol,
      baseURL: endpoint?.baseURL ?? configured.baseURL,
      settings: configured,
      configured,
    };
  if (endpoint) return { protocol: protocolOf(provider), baseURL: endpoint.baseURL, settings: {} };
  throw invalidInput(unknownProvider(provider, Object.keys(known)), { kind: "address", provider });
}

type CallPlaceOf = Pick<CallTarget, "provider" | "endpoint">;

/** What is wrong with a provider that cannot be called, and what to do about it. */
export function unknownProvider(provider: string, configured: readonly string[]): string {
  const names = [...PROVIDERS, ...configured];
  return `provider ${shown(provider)} is not one that can be called here; use ${names.join(" or ")}, or name it in the file that SLUICE_PROVIDERS names${didYouMean(provider, names)}`;
}
