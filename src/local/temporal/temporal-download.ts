import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { chmod, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { LocalMachine } from "../machine.ts";
import type { FolderClaim } from "../processes/folder-claim.ts";

/** What a way of getting the Temporal CLI is reported: which one, and where it must be in the end. */
export interface GetTemporal {
  readonly version: string;
  readonly target: string;
  readonly machine: LocalMachine;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly claim: FolderClaim;
  /** The address that knows where the archives are. */
  readonly downloadFrom: string;
}

const ANSWER_WITHIN_MS = 5_000;
const ARRIVE_WITHIN_MS = 5 * 60_000;

/** Downloads the CLI from where Temporal's SDKs take theirs: a small JSON names the archive. */
export async function downloadTemporalCli(get: GetTemporal): Promise<void> {
  const { version, target, onProgress, signal, downloadFrom } = get;
  const arch = { x64: "amd64", arm64: "arm64" }[process.arch as string];
  if (arch === undefined) throw new Error(`there is no download for ${process.arch}`);
  const question = `${downloadFrom}/cli/v${version}?arch=${arch}&platform=${process.platform}&format=tar.gz`;
  onProgress(`downloading Temporal ${version}`);
  const folder = await mkdtemp(join(dirname(target), "download-"));
  try {
    const info = await answer(question, limit(ANSWER_WITHIN_MS, signal));
    const { archiveUrl, fileToExtract } = (await info.json()) as {
      archiveUrl: string;
      fileToExtract: string;
    };
    const archive = await answer(archiveUrl, limit(ARRIVE_WITHIN_MS, signal));
    const file = join(folder, "archive.tar.gz");
    await pipeline(
      archive.body!,
      progress(Number(archive.headers.get("content-length")), onProgress),
      createWriteStream(file),
    );
    await promisify(execFile)("tar", ["-xzf", file, "-C", folder, fileToExtract]);
    const program = join(folder, fileToExtract);
    await chmod(program, 0o755);
    // Only a whole program ever has the final name.
    await rename(program, target);
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`the download from ${new URL(downloadFrom).host} failed (${reason(error)})`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function limit(ms: number, signal: AbortSignal | undefined): AbortSignal {
  return signal ? AbortSignal.any([signal, AbortSignal.timeout(ms)]) : AbortSignal.timeout(ms);
}

async function answer(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null)
    throw new Error(`${new URL(url).host} answered ${response.status}`);
  return response;
}

function progress(total: number, onProgress: (line: string) => void): Transform {
  let received = 0;
  let reported = 0;
  return new Transform({
    transform(part: Buffer, _encoding, next) {
      received += part.length;
      const tenth = Math.floor((10 * received) / total);
      if (tenth > reported)
        onProgress(`downloading Temporal: ${(reported = tenth) * 10} % of ${Math.round(total / 1e6)} MB`);
      next(null, part);
    },
  });
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
}
