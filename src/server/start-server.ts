import type { IdentitySettings } from "../access/identity-settings.ts";
import type { LangfuseAddress } from "../domain/addresses/langfuse-address.ts";
import type { RateLimits } from "../domain/access/rate-limits.ts";
import type { RolesFile } from "../domain/access/roles-file.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import { assertMigrated } from "../storage/migrator.ts";
import { createApplication } from "./application.ts";
import { addressOf, closeListener, type RunningServer } from "./listener.ts";
import { mount } from "./mount.ts";
import { closeParts, openParts } from "./open-parts.ts";
import type { Log } from "./requests/request-log.ts";
import { ROUTES } from "./route-table.ts";
import { mountPages } from "./web/pages.ts";

export type { RunningServer };

export interface ServerOptions {
  readonly databaseUrl: string;
  /** Where notifications are listened for, when `databaseUrl` is a pooler's. */
  readonly listenUrl?: string | undefined;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** PEM texts; undefined: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly log: Log;
  /** A line of the log for each request, also for each of those that serve and went well. Default false. */
  readonly logAll?: boolean | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  /** Temporal; without it what needs it is `unavailable`. */
  readonly rollouts?: RolloutsPort | undefined;
  /** Where keys may send more or less than usual. */
  readonly limits?: RateLimits | undefined;
  /** What an evaluation that is asked for may spend at most, in US dollars. Default 10. */
  readonly maxEvaluationUsd?: number | undefined;
  /** How people and CI jobs are known, beside keys; by keys alone when absent. */
  readonly identity?: IdentitySettings | undefined;
  /** What people may do, by what their issuer says of them. */
  readonly roles?: RolesFile | undefined;
  /** The same of people whom a proxy names. */
  readonly proxyRoles?: RolesFile | undefined;
  /** A proxy in front speaks TLS. */
  readonly behindProxy?: boolean | undefined;
  /** A Langfuse that is passed on what its clients report. */
  readonly langfuseForward?: LangfuseAddress | undefined;
  /** How long a Langfuse generation waits for its trace to say whose it is, in ms. Default 10,000. */
  readonly langfuseHoldMs?: number | undefined;
}

/**
 * Starts a server. A database that is not migrated to this Sluice is `conflict`; one that cannot be reached fails as
 * Postgres does.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, log } = options;
  const closing = new AbortController();
  const parts = await openParts({
    databaseUrl: options.databaseUrl,
    listenUrl: options.listenUrl,
    // Its words may repeat what came with a request.
    onWarning: (code) => log({ at: new Date().toISOString(), warning: code }),
    closing: closing.signal,
    limits: options.limits,
    maxEvaluationUsd: options.maxEvaluationUsd,
    langfuseHoldMs: options.langfuseHoldMs,
    langfuseForward: options.langfuseForward,
    onForwarded: (counts) => log({ at: new Date().toISOString(), langfuseForward: counts }),
    rollouts: options.rollouts,
    identity: options.identity,
    roles: options.roles,
    proxyRoles: options.proxyRoles,
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
