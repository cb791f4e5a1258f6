import { invalidInput } from "../errors.ts";

/** Where a server is, and what to show it: `key` is empty where the address has none. */
export interface ServerAddress {
  readonly base: string;
  readonly key: string;
}

/** Reads `https://KEY@host`; undefined where the text is no address of a server. Nothing of it stays in `base` that is secret. */
export function readServerAddress(url: string): ServerAddress | undefined {
  try {
    const parsed = new URL(url);
    if (parsed.protocol !== "https:" && parsed.protocol !== "http:") return undefined;
    const key = decodeURIComponent(parsed.password || parsed.username);
    parsed.username = "";
    parsed.password = "";
    parsed.search = "";
    parsed.hash = "";
    return { base: parsed.href.replace(/\/+$/, ""), key };
  } catch {
    return undefined;
  }
}

/** The same; `invalid_input`, which repeats nothing of it, where it is none. */
export function requireServerAddress(url: string, name: string): ServerAddress {
  const address = readServerAddress(url);
  if (address) return address;
  throw invalidInput(`${name} is not a valid address; write https://host of a Sluice server`, { name });
}
