import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { conflict, invalidInput, messageOf } from "../../../domain/errors.ts";

/** How often whoever uses a folder says so, and how long a word of theirs counts, in ms. */
const SIGN_MS = 5_000;
const GONE_MS = 30_000;

export interface DataFolder {
  readonly path: string;
  release(): Promise<void>;
}

/** A folder of one relay's own. `conflict` where another one uses it, `invalid_input` where it cannot be written. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const owner = join(path, "owner.json");
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (await isOwned(owner))
      throw conflict(
        `another relay uses ${path}; give this one a folder of its own with --data, or wait ${GONE_MS / 1_000} seconds where that one was killed on another machine`,
        { path },
      );
    await writeFile(owner, JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 });
  } catch (error) {
    if ((error as { code?: unknown }).code === "conflict") throw error;
    throw invalidInput(
      `--data ${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? messageOf(error)}); name a folder that can`,
      { option: "data" },
    );
  }
  const sign = setInterval(() => {
    const now = new Date();
    utimes(owner, now, now).catch(() => undefined);
  }, SIGN_MS).unref();
  return {
    path,
    async release() {
      clearInterval(sign);
      await rm(owner, { force: true });
    },
  };
}

/** Whether somebody else is at work there: nobody is whose process has ended, or who has not said so for a while. */
async function isOwned(owner: string): Promise<boolean> {
  const found = await stat(owner).catch(() => undefined);
  if (!found || Math.abs(Date.now() - found.mtimeMs) > GONE_MS) return false;
  const { pid, host } = JSON.parse(await readFile(owner, "utf8").catch(() => "{}")) as {
    readonly pid?: number;
    readonly host?: string;
  };
  return host !== hostname() || pid === undefined || (pid !== process.pid && isAlive(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
