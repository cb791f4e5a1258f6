import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "../../domain/errors.ts";
import { SEARCH_ATTRIBUTES } from "../../protocol/search-attributes.ts";
import { type FolderClaim, claimFolder } from "../processes/folder-claim.ts";
import { freePort } from "../processes/free-port.ts";
import { startRecorded } from "../processes/start-recorded.ts";
import type { ProcessIdentity } from "../processes/process-identity.ts";
import { type StopStep, stopProcess } from "../processes/stop-process.ts";
import { type FindTemporalOptions, findTemporalCli } from "./temporal-cli.ts";

export interface StartTemporalOptions extends FindTemporalOptions {
  /** Holds the log, and the workflows unless `inMemory`. Created when it is missing. */
  readonly dataDir: string;
  /** True forgets everything when it stops. Default false. */
  readonly inMemory?: boolean;
  /** These ports when they are free, others otherwise. Temporal's own are 7233 and 8233. */
  readonly preferredPort?: number;
  readonly preferredUiPort?: number;
}

export interface LocalTemporal {
  /** `127.0.0.1:port`, as TEMPORAL_ADDRESS wants it. */
  readonly address: string;
  readonly uiUrl: string;
  readonly pid: number;
  /** May be called again. */
  stop(): Promise<void>;
}

const STOP: readonly StopStep[] = [
  { signal: "SIGTERM", waitMs: 5_000 },
  { signal: "SIGKILL", waitMs: 2_000 },
];
const READY_WITHIN_MS = 60_000;

/**
 * Starts Temporal's development server with its UI on the loopback address, after stopping what a killed
 * predecessor left in the same folder; gets the Temporal CLI first where the machine has none. Fails with
 * `conflict` when the folder is in use, `unavailable` when there is no Temporal to be had or it does not start.
 */
export async function startTemporal(options: StartTemporalOptions): Promise<LocalTemporal> {
  const cli = await findTemporalCli(options);
  const dataDir = resolve(options.dataDir);
  const claim = await claimFolder(dataDir, "Temporal");
  try {
    return await run(cli.path, { ...options, dataDir }, claim);
  } catch (error) {
    claim.release();
    throw error;
  }
}

async function run(cli: string, options: StartTemporalOptions, claim: FolderClaim): Promise<LocalTemporal> {
  const logFile = join(options.dataDir, "temporal.log");
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(options.preferredPort);
    const uiPort = await freePort(options.preferredUiPort);
    const httpPort = await freePort();
    const listen = ["server", "start-dev", "--ip", "127.0.0.1", "--port", String(port)];
    const args = [...listen, ...settings(options, uiPort, httpPort)];
    const { outcome, identity } = await startRecorded(cli, args, {
      claim,
      mark: listen.join(" "),
      stop: STOP,
      logFile,
      cwd: options.dataDir,
      ready: (_, signal) => ready(httpPort, signal),
      signal: options.signal,
    });
    if (outcome === "ready" && identity) return handle(identity, port, uiPort, claim);
    if (identity) await stopProcess(identity, STOP);
    options.signal?.throwIfAborted();
    const output = readFileSync(logFile, "utf8").trim();
    if (output.includes("address already in use") && attempt < 5) continue;
    const why =
      outcome === "late" ? `it was not ready within ${READY_WITHIN_MS / 1000} s` : output.split("\n").at(-1);
    throw unavailable(
      `Temporal did not start on port ${port}: ${why || "it said nothing"} (log: ${logFile})`,
      { logFile, port },
    );
  }
}

function settings(options: StartTemporalOptions, uiPort: number, httpPort: number): string[] {
  return [
    `--ui-port=${uiPort}`,
    `--http-port=${httpPort}`,
    "--log-level=error",
    ...(options.inMemory ? [] : [`--db-filename=${join(options.dataDir, "temporal.sqlite")}`]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ["--search-attribute", `${name}=Keyword`]),
    // The server paces itself in 50 ms steps otherwise: a one-activity workflow takes 150 instead of 31 ms.
    "--dynamic-config-value=history.transferProcessorMaxPollRPS=1000",
  ];
}

/** Ready means that the namespace is there and knows the search attributes: they come last. */
async function ready(httpPort: number, signal: AbortSignal): Promise<"ready" | "late" | "cancelled"> {
  const deadline = performance.now() + READY_WITHIN_MS;
  const last = SEARCH_ATTRIBUTES.at(-1)!;
  while (performance.now() < deadline) {
    if (signal.aborted) return "cancelled";
    try {
      const url = `http://127.0.0.1:${httpPort}/api/v1/namespaces/default/search-attributes`;
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) });
      if (response.ok && (await response.text()).includes(last)) return "ready";
    } catch {
      // Not listening yet.
    }
    await delay(40);
  }
  return "late";
}

function handle(identity: ProcessIdentity, port: number, uiPort: number, claim: FolderClaim): LocalTemporal {
  let stopping: Promise<void> | undefined;
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    pid: identity.pid,
    stop() {
      stopping ??= stopProcess(identity, STOP).then((gone) => {
        if (!gone)
          throw unavailable(`Temporal (process ${identity.pid}) does not stop`, { pid: identity.pid });
        claim.release();
      });
      return stopping;
    },
  };
}
