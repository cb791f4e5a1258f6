import { readServerAddress } from "../../domain/addresses/server-address.ts";
import { invalidInput, unavailable } from "../../domain/errors.ts";

const TIMEOUT_MS = 4_000;

export interface UpstreamRequest {
  readonly method?: "POST";
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** The server that a relay stands in front of, and the relay's key to it. */
export class Upstream {
  /** Its address, without the key. */
  readonly base: string;
  readonly #authorization: string;

  /** `https://KEY@host`; an address that cannot be one, or that has no key, is `invalid_input`. */
  constructor(url: string) {
    const address = readServerAddress(url);
    if (!address || address.key === "")
      throw invalidInput(
        "--upstream must be the address of a Sluice server with a key in it, as in https://KEY@host",
        { option: "upstream" },
      );
    this.base = address.base;
    this.#authorization = `Bearer ${address.key}`;
  }

  /** Asks it, with the relay's own key unless the headers have another; `unavailable` where there is no answer. */
  async ask(
    path: string,
    { method, body, headers, timeoutMs = TIMEOUT_MS }: UpstreamRequest = {},
  ): Promise<Response> {
    try {
      return await fetch(`${this.base}${path}`, {
        method: method ?? "GET",
        ...(body !== undefined && { body }),
        headers: { authorization: this.#authorization, ...headers },
        // Whoever answers for it once would get the key.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw unavailable(`the server at ${this.base} cannot be reached; try again in a moment`, {}, error);
    }
  }
}
