import { invalidInput } from "../errors.ts";
import { shown } from "../text/visible.ts";

export interface ListenAddress {
  /** An IPv6 address stands without brackets. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/** An address to listen at: a port, on this machine alone, or a host and a port. `name` is what it was given as. */
export function readListenAddress(text: string, name: string, example: string): ListenAddress {
  const [, host, digits] = /^(?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):)?([0-9]{1,5})$/.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw invalidInput(
      `${name} must be a port, or an address and a port as in ${example} or [::1]:${example.split(":")[1]}, not ${shown(text)}`,
      { option: name.replace(/^--/, "") },
    );
  return { host: (host ?? "127.0.0.1").replaceAll(/[[\]]/g, ""), port };
}

/** A host as it stands in an address: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Where metrics are served, as SLUICE_METRICS_LISTEN says it. */
export function readMetricsListen(text: string | undefined): ListenAddress | "off" | undefined {
  if (text === undefined || text === "off") return text;
  return readListenAddress(text, "SLUICE_METRICS_LISTEN", "127.0.0.1:9464");
}
