import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LocalMachine } from "../machine.ts";
import { unavailable, messageOf } from "../../domain/errors.ts";
import { buildTemporalCli } from "./temporal-build.ts";
import { downloadTemporalCli } from "./temporal-download.ts";
import { executableOnPath, isExecutable } from "../processes/executable.ts";
import { claimWhenFree } from "../processes/folder-claim.ts";

/** The release that Sluice gets when the machine has none; its server is 1.29.1. */
export const TEMPORAL_CLI_VERSION = "1.5.1";
/** Starting a workflow together with its first update needs this server. */
const OLDEST_SERVER = "1.28.0";

export interface TemporalCli {
  readonly path: string;
  /** What `temporal --version` says. */
  readonly version: string;
  readonly found: "path" | "cache" | "download" | "go";
}

export interface FindTemporalOptions {
  readonly machine: LocalMachine;
  /** Who is asked for the download. Temporal's own address by default. */
  readonly downloadFrom?: string;
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The Temporal CLI of this machine: on PATH, in our own cache, downloaded into it, or built there with Go.
 * Fails with `unavailable`, naming every way there is, when none of them works.
 */
export async function findTemporalCli(options: FindTemporalOptions): Promise<TemporalCli> {
  const { machine } = options;
  const onProgress = options.onProgress ?? (() => undefined);
  const folder = join(machine.cacheDir, `temporal-${TEMPORAL_CLI_VERSION}`);
  const cached = join(folder, "temporal");

  const onPath = executableOnPath("temporal", machine.searchPath);
  if (onPath !== undefined) {
    const version = await temporalVersion(onPath);
    if (version !== undefined && isNewEnough(version)) return { path: onPath, version, found: "path" };
    onProgress(
      `${onPath} is not a Temporal of server ${OLDEST_SERVER} or newer (it says: ${version ?? "nothing"}); looking further`,
    );
  }
  const inCache = await cachedCli(cached);
  if (inCache) return inCache;

  const claim = await claimCache(folder, onProgress, options.signal);
  try {
    const meanwhile = await cachedCli(cached);
    if (meanwhile) return meanwhile;
    const get = {
      version: TEMPORAL_CLI_VERSION,
      target: cached,
      machine,
      onProgress,
      signal: options.signal,
      claim,
      downloadFrom: options.downloadFrom ?? "https://temporal.download",
    };
    const failed: string[] = [];
    for (const [found, way] of [
      ["download", downloadTemporalCli],
      ["go", buildTemporalCli],
    ] as const) {
      try {
        await way(get);
        const version = await temporalVersion(cached);
        if (version !== undefined) return { path: cached, version, found };
        failed.push(`what came by ${found} does not run`);
      } catch (error) {
        options.signal?.throwIfAborted();
        failed.push(messageOf(error));
        onProgress(failed.at(-1)!);
      }
    }
    throw unavailable(missing(cached, failed), { tried: failed, cached });
  } finally {
    claim.release();
  }
}

async function claimCache(
  folder: string,
  onProgress: (line: string) => void,
  signal: AbortSignal | undefined,
) {
  const onWait = (pid: number) => onProgress(`process ${pid} is getting Temporal; waiting for it`);
  try {
    return await claimWhenFree(folder, "Getting Temporal", onWait, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    throw unavailable(
      `Temporal cannot be kept in ${folder} (${code}); set SLUICE_CACHE_DIR to a folder that can be written`,
      { folder },
      error,
    );
  }
}

async function cachedCli(cached: string): Promise<TemporalCli | undefined> {
  if (!isExecutable(cached)) return undefined;
  const version = await temporalVersion(cached);
  return version === undefined ? undefined : { path: cached, version, found: "cache" };
}

function missing(cached: string, failed: readonly string[]): string {
  return (
    `no Temporal server: TEMPORAL_ADDRESS is not set, no usable \`temporal\` is on PATH or at ${cached}, ${failed.join(", ")}. ` +
    `Do one of these: set TEMPORAL_ADDRESS to a server of yours; install the Temporal CLI (brew install temporal, or https://docs.temporal.io/cli); ` +
    `install Go (https://go.dev/dl), which builds it; or copy a \`temporal\` ${TEMPORAL_CLI_VERSION} to ${cached}`
  );
}

async function temporalVersion(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 15_000 });
    return stdout.startsWith("temporal version") ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** A CLI that Go built calls itself 0.0.0-DEV, so it is judged by the server that it says is inside. */
function isNewEnough(version: string): boolean {
  const server = /Server (\d+)\.(\d+)/.exec(version);
  const [major, minor] = OLDEST_SERVER.split(".").map(Number);
  return (
    server !== null &&
    (Number(server[1]) > major! || (Number(server[1]) === major && Number(server[2]) >= minor!))
  );
}
