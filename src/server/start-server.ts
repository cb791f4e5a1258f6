import { assertMigrated } from "../storage/migrator.ts";
import { createApplication } from "./application.ts";
import { addressOf, closeListener, type RunningServer } from "./listener.ts";
import { mount } from "./mount.ts";
import { closeParts, openParts, type PartsOptions } from "./open-parts.ts";
import type { Log } from "../telemetry/log-lines.ts";
import { ROUTES } from "./route-table.ts";
import { mountPages } from "./web/pages.ts";

export type { RunningServer };

export interface ServerOptions extends Omit<
  PartsOptions,
  "onWarning" | "onForwarded" | "closing" | "secure"
> {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** PEM texts; undefined: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly log: Log;
  /** A line of the log for each request, also for each of those that serve and went well. Default false. */
  readonly logAll?: boolean | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  /** Origins of other sites whose pages may ask. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** A proxy in front speaks TLS. */
  readonly behindProxy?: boolean | undefined;
}

/**
 * Starts a server. A database that is not migrated to this Sluice is `conflict`; one that cannot be reached fails as
 * Postgres does.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, log } = options;
  const closing = new AbortController();
  const parts = await openParts({
    ...options,
    // Its words may repeat what came with a request.
    onWarning: (code) => log(`warning: ${code}`, { level: "warn", warning: code }),
    onForwarded: (counts) => log("passed on to Langfuse", { langfuseForward: counts }),
    closing: closing.signal,
    secure: isSecure(options),
  });
  const app = createApplication(options);
  for (const route of ROUTES) mount(app, route, parts);
  mountPages(app, parts);
  try {
    await assertMigrated(parts.db);
    await app.listen({ host, port });
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
  let stopping: Promise<void> | undefined;
  async function stop(): Promise<void> {
    closing.abort();
    await parts.streams.end();
    await closeListener(app);
    await closeParts(parts);
  }
  return {
    ...addressOf(app, options),
    stop: () => (stopping ??= stop()),
  };
}

function isSecure({ tls, behindProxy = false, identity }: ServerOptions): boolean {
  return tls !== undefined || behindProxy || identity?.publicUrl?.startsWith("https:") === true;
}
