import { invalidInput } from "../domain/errors.ts";
import { readConcurrency } from "./call-concurrency.ts";

/** What the environment says of a vendor. */
export interface ProviderConfig {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
  /** Calls in flight at once, of one process; undefined: as many as is usual. */
  readonly concurrency: number | undefined;
}

type Read = (name: string) => string | undefined;

/**
 * A vendor's variables, as `OPENAI_API_KEY`. With neither key nor address it is the scripted model server of
 * `sluice dev`, which takes any key.
 */
export function readProvider(
  plain: Read,
  secretly: Read,
  prefix: string,
  devUrl: string | undefined,
): ProviderConfig {
  const apiKey = secretly(`${prefix}_API_KEY`);
  const baseUrl = plain(`${prefix}_BASE_URL`);
  const concurrencyName = `SLUICE_${prefix}_CONCURRENCY`;
  const concurrency = readConcurrency(plain(concurrencyName), concurrencyName);
  if (apiKey === undefined && baseUrl === undefined && devUrl)
    return { apiKey: "local", baseUrl: devUrl, concurrency };
  if (baseUrl !== undefined && !/^https?:\/\//.test(baseUrl))
    throw invalidInput(`${prefix}_BASE_URL is not an address; write it as https://host/v1`);
  return { apiKey, baseUrl, concurrency };
}
