import type { ProxySettings } from "./proxy-settings.ts";

/** This machine is never reached through a proxy. */
const LOOPBACK = "localhost,127.0.0.1,::1";

/**
 * A `fetch` whose connections go through a proxy: `https` by a tunnel (CONNECT), so that the proxy sees no key. It is
 * loaded at the first call, by those who have a proxy.
 */
export function proxiedFetch({ http, https, except }: ProxySettings): typeof globalThis.fetch {
  let loaded: Promise<typeof globalThis.fetch> | undefined;
  const load = async () => {
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    const dispatcher = new EnvHttpProxyAgent({
      // Empty, or the environment would be read for what is not said here.
      httpProxy: http ?? "",
      httpsProxy: https ?? "",
      noProxy: except === undefined ? LOOPBACK : `${LOOPBACK},${except}`,
    });
    return ((input: string, init: object) =>
      fetch(input, { ...init, dispatcher })) as typeof globalThis.fetch;
  };
  return async (input, init) => {
    loaded ??= load();
    return (await loaded)(input, init);
  };
}
