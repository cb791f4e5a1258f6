import { invalidInput } from "../domain/errors.ts";

/** Where calls leave through, as the environment says it: addresses, and the hosts that are reached without. */
export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts and domains, separated by commas, as `NO_PROXY` lists them; `*` for all. */
  readonly except?: string | undefined;
}

/**
 * As curl and others read it: the small names first, `HTTP_PROXY` and `HTTPS_PROXY` by the scheme that is called.
 * `read` gives a variable of the environment.
 */
export function readProxySettings(read: (name: string) => string | undefined): ProxySettings | undefined {
  const address = (names: readonly string[]) => {
    const name = names.find((one) => read(one) !== undefined);
    if (name === undefined) return undefined;
    const written = read(name)!;
    const url = URL.parse(written.includes("://") ? written : `http://${written}`);
    if (url && /^https?:$/.test(url.protocol)) return url.href;
    throw invalidInput(`${name} is not an address of a proxy; write http://HOST:PORT`, { name });
  };
  const https = address(["https_proxy", "HTTPS_PROXY"]);
  const http = address(["http_proxy", "HTTP_PROXY"]);
  if (https === undefined && http === undefined) return undefined;
  return { http, https, except: read("no_proxy") ?? read("NO_PROXY") };
}
