import { vendorOf } from "../../domain/models/vendors.ts";
import { invalidInput } from "../../domain/errors.ts";
import { unknownProvider } from "../../providers/reach.ts";
import type { CallEndpoint } from "../../providers/completion.ts";
import type { ModelConfig } from "../dataset/promptfoo-config-schema.ts";

/** What a configuration may reach beyond the user's own endpoints, and what it may know. */
export interface ConfigAccess {
  /** Base URLs of the user's own endpoints: those are always open, with the user's own keys. */
  readonly own: Readonly<Record<string, string>>;
  /** Hosts that an operator has allowed, as `host` (any port) or `host:port`. */
  readonly hosts: readonly string[];
  /** Environment variables that an operator has allowed, by name. */
  readonly env: Readonly<Record<string, string>>;
}

/** The providers that a file names, beside those that are built in. */
export function configuredIn({ own }: Pick<ConfigAccess, "own">): string[] {
  return Object.keys(own).filter((name) => !vendorOf(name));
}

type EndpointConfig = Pick<ModelConfig, "apiBaseUrl" | "apiHost" | "apiKey" | "apiKeyEnvar">;

const KEY_REFERENCE = /^\s*\{\{-?\s*env\.\w+\s*-?\}\}\s*$/;

/**
 * Where a provider of a configuration is asked, when it says so itself. The user's own key never goes to an
 * address that a configuration names: such a call carries the key that the configuration names, from a
 * variable that an operator has allowed, or none. Throws `invalid_input` for a host that nobody has allowed.
 *
 * @param writtenKey the key as it stands in the file, before variables were filled in
 */
export function readEndpoint(
  provider: string,
  { apiBaseUrl, apiHost, apiKey: givenKey, apiKeyEnvar }: EndpointConfig,
  writtenKey: unknown,
  access: ConfigAccess,
  where: string,
): CallEndpoint | undefined {
  if (givenKey !== undefined && !KEY_REFERENCE.test(String(writtenKey)))
    throw invalidInput(
      `${where}: a key does not belong in a file; write apiKey: "{{ env.NAME }}", and allow it with --allow-env NAME`,
      { where },
    );
  const apiKey = givenKey ?? (apiKeyEnvar === undefined ? undefined : allowedKey(apiKeyEnvar, access, where));
  const own = ownUrl(access, provider, where);
  const written =
    apiHost === undefined ? apiBaseUrl : `https://${apiHost}${vendorOf(provider)?.path ?? "/v1"}`;
  const address = written === undefined ? undefined : readAddress(written, where);
  if (!address || sameAddress(address, own))
    return apiKey === undefined ? undefined : { baseURL: own, apiKey };
  checkHost(address, own, access, where);
  return { baseURL: address.href.replace(/\/+$/, ""), ...(apiKey !== undefined && { apiKey }) };
}

function allowedKey(name: string, { env }: ConfigAccess, where: string): string {
  const key = Object.hasOwn(env, name) ? env[name] : undefined;
  if (key !== undefined) return key;
  throw invalidInput(
    `${where}: the environment variable ${name} is not open to this file; allow it with --allow-env ${name}`,
    { where, variable: name },
  );
}

function readAddress(written: string, where: string): URL {
  const address = URL.parse(written);
  const isPlain =
    address !== null &&
    /^https?:$/.test(address.protocol) &&
    address.username === "" &&
    address.password === "" &&
    address.search === "" &&
    address.hash === "";
  if (isPlain) return address;
  throw invalidInput(
    `${where}: the provider's address must be plain http(s), as in https://host/v1, without user name, query or fragment`,
    { where },
  );
}

function sameAddress(address: URL, own: string): boolean {
  const bare = (url: URL) => url.href.replace(/\/+$/, "");
  const mine = URL.parse(own);
  return mine !== null && bare(address) === bare(mine);
}

function ownUrl({ own }: ConfigAccess, provider: string, where: string): string {
  const url = Object.hasOwn(own, provider) ? own[provider] : undefined;
  if (url !== undefined) return url;
  throw invalidInput(`${where}: ${unknownProvider(provider, configuredIn({ own }))}`, {
    where,
    provider,
  });
}

function checkHost(address: URL, own: string, { hosts }: ConfigAccess, where: string): void {
  const mine = URL.parse(own);
  const place = hostAndPort(address);
  if (mine && hostAndPort(mine) === place) return;
  if (hosts.includes(place) || hosts.includes(address.hostname)) return;
  throw invalidInput(
    `${where}: the provider is to be asked at ${address.host}, which is not where your own calls go; if you trust it, allow it with --allow-network ${address.host}`,
    { where, host: address.host },
  );
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

/** A host as `--allow-network` names it, in the form it is compared in; otherwise `invalid_input`. */
export function readHost(text: string): string {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.exec(text);
  const host = match && URL.parse(`http://${match[1]!}/`)?.hostname;
  if (host) return `${host}${match[2] ?? ""}`;
  throw invalidInput(`--allow-network ${text}: write a host, such as gateway.example or localhost:11434`, {
    host: text,
  });
}
