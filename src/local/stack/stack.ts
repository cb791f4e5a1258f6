import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LocalMachine } from "../machine.ts";
import { SluiceError, conflict } from "../../domain/errors.ts";
import { withDatabase } from "../../storage/database.ts";
import { migrate } from "../../storage/migrator.ts";
import { removeDevState, writeDevState } from "./dev-state.ts";
import { type ModelServer, type StartModelServerOptions, startModelServer } from "../model-server/server.ts";
import { freePort } from "../processes/free-port.ts";
import { startPostgres } from "../postgres/postgres.ts";
import { createRunFolder } from "./run-folder.ts";
import { workerEnvironment } from "./stack-environment.ts";
import { claimDirectory, demoRuns, sluiceFolder } from "./stack-folder.ts";
import { readPorts, writePorts } from "./stack-ports.ts";
import type { KeptProcess } from "./kept-process.ts";
import { startServerProcess } from "./stack-server.ts";
import { startWorkerProcess } from "./stack-worker.ts";
import { startTemporal } from "../temporal/temporal.ts";

export interface StartStackOptions {
  /** The stack is that of this directory: its data is in `.sluice/` there, and commands there find it. */
  readonly directory: string;
  /** True keeps the data for the next start; false gives the run a folder that goes with it. */
  readonly persistent: boolean;
  /** The scripted model, and how it behaves. False: none. Default true. */
  readonly modelServer?: boolean | StartModelServerOptions;
  /** Also where the user has named a provider's key or endpoint. Default false. */
  readonly onlyScriptedModel?: boolean;
  readonly onProgress?: (line: string) => void;
  /** On a Temporal of the user's own: a queue that nobody else's worker takes from. Default: Sluice's. */
  readonly ownQueue?: string;
  /** Ends a start under way; nothing is left running. */
  readonly signal?: AbortSignal;
  readonly machine: LocalMachine;
}

/** Postgres, Temporal, the scripted model and a worker, connected. */
export interface Stack {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** False: Temporal is the user's own, reached by their TEMPORAL_ variables. */
  readonly localTemporal: boolean;
  /** The worker's, where it is not Sluice's usual one. */
  readonly taskQueue: string | undefined;
  /** Temporal's web page; empty when Temporal is the user's own and they have not said where its page is. */
  readonly uiUrl: string;
  /** Without `/v1`. */
  readonly modelServerUrl: string | undefined;
  /** The HTTP server, and an admin's key to it. */
  readonly serverUrl: string;
  readonly serverKey: string;
  /** The dashboard's address, which signs a browser in, once. */
  readonly signInUrl: string;
  /** The processes behind it, by what they are. */
  pids(): Readonly<Record<string, number>>;
  /** Server and worker first, then Temporal, then Postgres. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts everything that Sluice needs, on this machine, and brings the database up to date. With
 * TEMPORAL_ADDRESS set, that Temporal is used instead of one of our own. Fails with `conflict` when a stack
 * runs in the directory, `unavailable` when a part does not start; what had been started is stopped then.
 */
export async function startStack(options: StartStackOptions): Promise<Stack> {
  const directory = resolve(options.directory);
  const undo: (() => Promise<void> | void)[] = [];
  const stopAll = async () => {
    let failed: unknown;
    for (let step = undo.pop(); step; step = undo.pop()) {
      try {
        await step();
      } catch (error) {
        failed ??= error;
      }
    }
    if (failed !== undefined) throw failed as Error;
  };
  try {
    return await start({ ...options, directory }, (step) => void undo.push(step), stopAll);
  } catch (error) {
    await stopAll().catch(() => undefined);
    throw error;
  }
}

async function start(
  options: StartStackOptions,
  atStop: (step: () => Promise<void> | void) => void,
  stopAll: () => Promise<void>,
): Promise<Stack> {
  const { directory, persistent, signal, machine } = options;
  const lastResort = endAtExit();
  atStop(() => lastResort.release());
  const onProgress = options.onProgress ?? (() => undefined);
  const claim = await claimDirectory(directory);
  atStop(() => claim.release());
  const data = await dataFolder(directory, persistent, atStop);
  const common = { onProgress, ...(signal && { signal }) };

  const portsFile = join(data, "ports.json");
  const last = readPorts(portsFile);
  onProgress("starting Postgres");
  const postgres = await startPostgres({
    dataDir: join(data, "postgres"),
    durable: persistent,
    preferredPort: last.postgres,
    ...common,
  });
  lastResort.add(postgres.pid, "SIGINT");
  atStop(() => postgres.stop());
  await withDatabase(postgres.url, migrate, { queryTimeoutMs: 0 }).catch((error: unknown) => {
    throw persistent ? otherRelease(error, data) : error;
  });

  const temporal = (await ownTemporal(machine)) ?? (await localTemporal());
  async function localTemporal() {
    onProgress("starting Temporal");
    const server = await startTemporal({
      dataDir: join(data, "temporal"),
      inMemory: !persistent,
      preferredPort: 7233,
      preferredUiPort: 8233,
      machine,
      ...common,
    });
    lastResort.add(server.pid, "SIGTERM");
    atStop(() => server.stop());
    return { ...server, namespace: "default", own: false };
  }

  const model = await modelServer(options.modelServer ?? true, last.modelServer);
  if (model) atStop(() => model.stop());
  writePorts(portsFile, { ...last, postgres: postgres.port, ...(model && { modelServer: model.port }) });
  signal?.throwIfAborted();

  const taskQueue = temporal.own ? options.ownQueue : undefined;
  onProgress("starting the worker");
  const noProfiles = join(data, "no-profiles.toml");
  writeFileSync(noProfiles, "[profile.default]\n");
  const environment = workerEnvironment(machine.environment, {
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    ownTemporal: temporal.own,
    noProfiles,
    modelServerUrl: model?.url,
    onlyScriptedModel: options.onlyScriptedModel ?? false,
  });
  const worker = await startWorkerProcess({
    dataDir: join(data, "worker"),
    ...(taskQueue !== undefined && { taskQueue }),
    environment,
    ...common,
  });
  atStop(() => worker.stop());
  onProgress("starting the server");
  const server = await startServerProcess({
    dataDir: join(data, "server"),
    databaseUrl: postgres.url,
    preferredPort: last.server,
    environment: taskQueue === undefined ? environment : { ...environment, SLUICE_TASK_QUEUE: taskQueue },
    ...common,
  });
  atStop(() => server.stop());
  writePorts(portsFile, {
    postgres: postgres.port,
    ...(model && { modelServer: model.port }),
    server: server.port,
  });

  const pids = () => ({
    postgres: postgres.pid,
    ...(temporal.pid !== undefined && { temporal: temporal.pid }),
    ...pidOf("worker", worker),
    ...pidOf("server", server),
  });
  const addresses = {
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    uiUrl: temporal.uiUrl,
    serverUrl: server.url,
    serverKey: server.key,
    ...(model && { modelServerUrl: model.url }),
  };
  writeDevState(directory, { ...addresses, pids: pids() });
  atStop(() => removeDevState(directory));
  let stopping: Promise<void> | undefined;
  return {
    ...addresses,
    signInUrl: server.signInUrl,
    namespace: temporal.namespace,
    localTemporal: !temporal.own,
    taskQueue,
    modelServerUrl: model?.url,
    pids,
    stop: () => (stopping ??= stopAll()),
  };
}

/** The data may be of another Sluice: what to do about that here. */
function otherRelease(error: unknown, data: string): unknown {
  if (!(error instanceof SluiceError && error.code === "conflict")) return error;
  return conflict(
    `${error.message}. Use the Sluice that made it, or move ${data} away to start with an empty database`,
    error.details,
  );
}

/** When this process exits without stopping its servers, they are at least signalled. The worker ends with us. */
function endAtExit(): { add(pid: number, signal: NodeJS.Signals): void; release(): void } {
  const servers: (readonly [number, NodeJS.Signals])[] = [];
  const signalServers = () => {
    for (const [pid, signal] of servers.toReversed()) {
      try {
        process.kill(pid, signal);
      } catch {
        // Gone already.
      }
    }
  };
  process.on("exit", signalServers);
  return {
    add: (pid, signal) => void servers.push([pid, signal]),
    release: () => process.off("exit", signalServers),
  };
}

async function dataFolder(
  directory: string,
  persistent: boolean,
  atStop: (step: () => void) => void,
): Promise<string> {
  if (persistent) return sluiceFolder(directory);
  mkdirSync(demoRuns(directory), { recursive: true });
  const run = await createRunFolder(demoRuns(directory));
  atStop(() => run.remove());
  return run.path;
}

interface TemporalPart {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  readonly pid?: number;
  readonly own: boolean;
}

/** The Temporal that the user has named, if it answers. */
async function ownTemporal({ environment }: LocalMachine): Promise<TemporalPart | undefined> {
  const named = environment["TEMPORAL_ADDRESS"]?.trim();
  if (!named) return undefined;
  const { temporalSettings, withTemporal } = await import("../../temporal/connect.ts");
  const { address, namespace } = temporalSettings({ address: named });
  await withTemporal({ address }, async () => undefined);
  return { address, namespace, uiUrl: environment["SLUICE_TEMPORAL_UI_URL"]?.trim() ?? "", own: true };
}

async function modelServer(
  wanted: boolean | StartModelServerOptions,
  preferredPort: number | undefined,
): Promise<ModelServer | undefined> {
  if (wanted === false) return undefined;
  return startModelServer({ port: await freePort(preferredPort), ...(wanted === true ? {} : wanted) });
}

function pidOf(name: string, kept: KeptProcess): Record<string, number> {
  const pid = kept.pid();
  return pid === undefined ? {} : { [name]: pid };
}
