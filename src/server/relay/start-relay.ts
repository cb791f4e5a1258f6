import { join } from "node:path";
import type { RateLimits } from "../../domain/access/rate-limits.ts";
import { HttpSource } from "../../resolver/sources/http.ts";
import { startResolver } from "../../resolver/start-resolver.ts";
import { createApplication } from "../application.ts";
import { CheckedKeys } from "../auth/checked-keys.ts";
import { KnownCallers } from "../auth/known-callers.ts";
import { messageOf } from "../../domain/errors.ts";
import { addressOf, closeListener, type RunningServer } from "../listener.ts";
import { mount } from "../mount.ts";
import { RequestRefused } from "../requests/problem.ts";
import { Limits } from "../requests/limits.ts";
import type { Log, LogFields } from "../../telemetry/log-lines.ts";
import type { ServingParts } from "../serving-parts.ts";
import { Streams } from "../streams.ts";
import { openDataFolder } from "./keeping/data-folder.ts";
import { KeptKeys } from "./keeping/kept-keys.ts";
import { LastKnown } from "./keeping/last-known.ts";
import { SavedPointers } from "./keeping/saved-pointers.ts";
import { LangfuseRows } from "./langfuse-rows.ts";
import { relayRoutes } from "./relay-routes.ts";
import { recordHere } from "./routes/outcomes.ts";
import { Forwarding } from "./sending/forwarding.ts";
import { showingKeys } from "./showing-keys.ts";
import { Upstream } from "./upstream.ts";
import { type ShownKey, UpstreamKeys } from "./upstream-keys.ts";
import { UpstreamSource } from "./upstream-source.ts";

export interface RelayOptions {
  /** `https://KEY@host` of the server. */
  readonly upstream: string;
  /** A folder of its own: what waits to be sent, keys' hashes, and the snapshot unless that is elsewhere. */
  readonly data: string;
  readonly snapshot?: string | undefined;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** PEM texts; undefined: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly log: Log;
  readonly logAll?: boolean | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  /** Origins of other sites whose pages may ask. */
  readonly corsOrigins?: readonly string[] | undefined;
  readonly limits?: RateLimits | undefined;
  /** How long what the server has said of a key is believed, in ms. Default 60,000. */
  readonly keysBelievedMs?: number | undefined;
  /** Bytes of what waits to be sent, at most. Default 256 MiB. */
  readonly mostSpooledBytes?: number | undefined;
}

const KEYS_BELIEVED_MS = 60_000;
/** Requests remembered by the relay's own resolver. */
const REMEMBERED = 10_000;

/**
 * Starts a server without a database, which serves what another one says and goes on when that one cannot be reached.
 * An address that has no key is `invalid_input`; a folder that another relay uses `conflict`.
 */
export async function startRelay(options: RelayOptions): Promise<RunningServer> {
  const say = ({ relay, ...fields }: LogFields & { readonly relay: string }) =>
    options.log(`relay: ${relay}`, { level: "warn", relay, ...fields });
  const warn = (message: string) => options.log(message, { level: "warn", warning: message });
  const upstream = new Upstream(options.upstream);
  const folder = await openDataFolder(options.data);
  const known = new LastKnown();
  const saved = new SavedPointers(options.snapshot ?? join(folder.path, "snapshot.json"), known, warn);
  const kept = new KeptKeys(join(folder.path, "keys.json"), warn);
  await Promise.all([saved.open(), kept.open()]);
  const forwarding = await Forwarding.open({
    folder: join(folder.path, "spool"),
    upstream,
    mostBytes: options.mostSpooledBytes,
    say,
  });
  const source = new UpstreamSource(new HttpSource(options.upstream), known, {
    record: (batch) => recordHere(forwarding, batch),
    onAway: (isAway, why) =>
      options.log(`relay: the server is ${isAway ? "away" : "back"}`, {
        level: isAway ? "warn" : "info",
        upstream: isAway ? "away" : "back",
        ...(why instanceof Error && { why: messageOf(why) }),
        waiting: forwarding.waiting,
      }),
  });
  const streams = new Streams();
  source.watch({
    moved: (scope) => streams.pointerMoved(scope),
    connected: () => streams.pointerMoved(),
    disconnected: () => undefined,
  });
  const resolver = await startResolver(
    { source, cache: { max: REMEMBERED }, onWarning: ({ code }) => warn(code) },
    source,
  );
  const upstreamKeys = new UpstreamKeys(upstream, kept);
  const keys = new CheckedKeys<ShownKey>((shown) => upstreamKeys.check(shown), {
    believedMs: options.keysBelievedMs ?? KEYS_BELIEVED_MS,
    isKeptWhileAway: ({ role }) => role === "resolver",
  });
  const callers = new KnownCallers(keys);
  const limits = new Limits(options.limits);
  const closing = new AbortController();
  const parts: ServingParts = {
    source,
    resolver,
    callers,
    limits,
    streams,
    closing: closing.signal,
    authenticate: showingKeys({ keys, callers, limits }),
  };
  const app = createApplication({ ...options, nowhere: () => notHere(upstream) });
  const routes = relayRoutes({
    forwarding,
    rows: new LangfuseRows(upstream),
    state: () => ({
      isAway: source.isAway || !source.wasReached,
      canServe: source.wasReached || known.size > 0,
    }),
  });
  for (const route of routes) mount(app, route, parts);

  async function close(): Promise<void> {
    callers.close();
    await resolver.close();
    await source.end();
    await forwarding.close();
    await Promise.all([saved.close(), kept.close()]);
    await folder.release();
  }
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await close();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  async function stop(): Promise<void> {
    closing.abort();
    await streams.end();
    await closeListener(app);
    await close();
  }
  return { ...addressOf(app, options), stop: () => (stopping ??= stop()) };
}

function notHere({ base }: Upstream): Error {
  return new RequestRefused(
    "not_here",
    `this is a relay, which serves prompts and takes outcomes; ask the server itself, at ${base}`,
    {},
    { upstream: base },
  );
}
