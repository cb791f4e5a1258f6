import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, requireDatabaseUrl } from "../../../config.ts";
import { invalidInput } from "../../../domain/errors.ts";
import { isLoopbackHost } from "../../../domain/addresses/loopback-host.ts";
import { readListenAddress } from "../../../domain/addresses/listen-address.ts";
import { type RolesFile, readRolesFile } from "../../../domain/access/roles-file.ts";
import { readTextFile } from "../../../use-cases/read-file.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { rolloutsPlaceOf } from "../../../client/configured-sluice.ts";
import type { RolloutsPort } from "../../../protocol/rollout-controls.ts";
import type { RunningServer, ServerOptions } from "../../../server/start-server.ts";
import { createLog } from "../../../telemetry/log-lines.ts";
import { activeTraceId } from "../../../telemetry/spans.ts";
import type { RolloutsPlace } from "../../../temporal/keep-rollouts.ts";

const USUAL = "127.0.0.1:7200";
const METRICS_PORT = 9464;

/** Serves until it is asked to stop. Its log is JSON lines on stderr. */
export async function run(context: CommandContext, given: Given<"server">): Promise<void> {
  const { output, config, signal } = context;
  const { host, port } = readListenAddress(given.text("listen") ?? USUAL, "--listen", USUAL);
  const tls = readTls(given);
  if (!isLoopbackHost(host) && !tls && !given.flag("behindProxy"))
    throw invalidInput(
      `--listen ${host}: keys would cross the network unencrypted; give --tls-cert and --tls-key, or --behind-proxy where a proxy speaks TLS for it`,
      { host },
    );
  const listening = {
    host,
    port,
    tls,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    logAll: given.flag("logAll"),
    limits: config.rateLimits,
    log: createLog({
      part: "server",
      traceId: activeTraceId,
      format: config.logFormat ?? "json",
      write: (line) => void process.stderr.write(`${line}\n`),
    }),
  };
  const upstream = given.text("upstream") ?? config.upstream;
  for (const option of ["data", "snapshot"] as const)
    if (upstream === undefined && given.text(option) !== undefined)
      throw invalidInput(`--${option} is of a relay: give --upstream too`, { option });
  context.endsItself();
  const server =
    upstream === undefined
      ? await startWithDatabase(config, listening, given.flag("behindProxy"))
      : await startInFront(upstream, listening, given);
  const metrics = upstream === undefined ? await metricsOf(config, listening.log) : undefined;
  output.event({ url: server.url }, () => [`serving at ${server.url} until Ctrl-C`]);
  // Whoever has started this process, and holds a channel to it, waits for this.
  process.send?.("ready");
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  if (!signal.aborted)
    await new Promise((stopped) => signal.addEventListener("abort", stopped, { once: true }));
  await server.stop();
  await metrics?.close();
}

/** A relay has no store to ask, and counts in its log. */
async function metricsOf(config: Config, log: ServerOptions["log"]) {
  if (config.metricsListen === "off") return undefined;
  const { serveStoreMetrics } = await import("../../../telemetry/serve-store-metrics.ts");
  return serveStoreMetrics(requireDatabaseUrl(config), {
    part: "server",
    listen: config.metricsListen ?? { host: "127.0.0.1", port: METRICS_PORT },
    log: (metrics) => log(`metrics: ${metrics}`, { metrics }),
  });
}

type Listening = Pick<
  ServerOptions,
  "host" | "port" | "tls" | "trustedProxies" | "corsOrigins" | "logAll" | "limits" | "log"
>;

async function startWithDatabase(
  config: Config,
  listening: Listening,
  behindProxy: boolean,
): Promise<RunningServer> {
  const databaseUrl = requireDatabaseUrl(config);
  const { startServer } = await import("../../../server/start-server.ts");
  return startServer({
    ...listening,
    databaseUrl,
    listenUrl: config.databaseListenUrl,
    contents: config.contents,
    identity: config.identity,
    roles: await readRoles(config.identity.oidc?.rolesFile),
    proxyRoles: await readRoles(config.identity.proxy?.rolesFile),
    behindProxy,
    maxEvaluationUsd: config.maxEvaluationUsd,
    models: modelsWhenNeeded(config),
    playgroundUsd: config.playgroundUsd,
    invokeUsd: config.invokeUsd,
    langfuseForward: config.langfuseForward,
    rollouts: rolloutsWhenNeeded(rolloutsPlaceOf(config)),
  }).catch(async (error: unknown) => {
    const { storeError } = await import("../../../storage/store-error.ts");
    throw listenProblem(error, listening) ?? storeError(databaseUrl, error);
  });
}

/** A relay: what it says of the database is nothing, and no database driver is loaded. */
async function startInFront(
  upstream: string,
  listening: Listening,
  given: Given<"server">,
): Promise<RunningServer> {
  const { startRelay } = await import("../../../server/relay/start-relay.ts");
  return startRelay({
    ...listening,
    upstream,
    data: given.text("data") ?? join(".sluice", "relay"),
    snapshot: given.text("snapshot"),
  }).catch((error: unknown) => {
    throw listenProblem(error, listening) ?? error;
  });
}

/** Temporal's library is large, and a server that only serves never needs it. */
function rolloutsWhenNeeded(place: RolloutsPlace): RolloutsPort {
  let kept: Promise<RolloutsPort> | undefined;
  const load = async () => {
    const [{ keepRollouts }, { ownTrouble }] = await Promise.all([
      import("../../../temporal/keep-rollouts.ts"),
      import("../../../temporal/keep-temporal.ts"),
    ]);
    return keepRollouts(place, ownTrouble);
  };
  return {
    use: async (work) => (await (kept ??= load())).use(work),
    pageOf: async (workflow) =>
      place.uiUrl === undefined ? null : ((await (kept ??= load())).pageOf?.(workflow) ?? null),
    close: async () => (await kept)?.close(),
  };
}

/** The vendors' libraries are loaded, and the files about them read, when somebody first tries a prompt. */
function modelsWhenNeeded(config: Config): NonNullable<ServerOptions["models"]> {
  type Asked = NonNullable<ServerOptions["models"]>;
  const kept = new Map<Parameters<Asked>[0], ReturnType<Asked>>();
  return async (breaker) => {
    const { configureProviders } = await import("../../../use-cases/configure-providers.ts");
    const known = kept.get(breaker);
    if (known) return known;
    const models = configureProviders(config, { breaker }).catch((error: unknown) => {
      // What was wrong with the files may be mended meanwhile.
      kept.delete(breaker);
      throw error;
    });
    kept.set(breaker, models);
    return models;
  };
}

async function readRoles(path: string | undefined): Promise<RolesFile | undefined> {
  return path === undefined ? undefined : readRolesFile(await readTextFile(path, "a roles file"), path);
}

function readTls(given: Given<"server">): { cert: string; key: string } | undefined {
  const cert = given.text("tlsCert");
  const key = given.text("tlsKey");
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw invalidInput("--tls-cert and --tls-key go together: give both");
  return { cert: read("tls-cert", cert), key: read("tls-key", key) };
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidInput(`--${option}: ${file} cannot be read (${code}); name a readable file`, { option });
  }
}

function listenProblem(error: unknown, { host, port }: Listening): Error | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== "listen" && syscall !== "bind" && !String(code).startsWith("ERR_OSSL")) return undefined;
  if (code === "EADDRINUSE")
    return invalidInput(
      `${host}:${port} is taken by another program; give --listen another port, or 0 for a free one`,
    );
  if (syscall === "listen" || syscall === "bind")
    return invalidInput(
      `${host}:${port} cannot be listened on (${code}); give --listen an address of this machine`,
    );
  return invalidInput(
    `--tls-cert and --tls-key are no certificate and its key (${code}); both are PEM files`,
  );
}
