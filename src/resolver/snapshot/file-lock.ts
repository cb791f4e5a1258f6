import { randomUUID } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Longer than anybody needs it: whoever holds it that long was killed, or is frozen. */
const STALE_MS = 10_000;

/**
 * Runs `work` while no other process that asks for the same lock runs its own. The lock is a file, so it also
 * holds between containers that share a volume; one that a killed process left behind is removed after ten
 * seconds. Rejects where the file cannot be made.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await take(path))) await delay(5 + Math.random() * 20);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const held = await stat(path).catch(() => undefined);
  if (held && Math.abs(Date.now() - held.mtimeMs) > STALE_MS) {
    // Only one of those who find it stale can move it away.
    const stale = `${path}.${randomUUID()}`;
    await rename(path, stale).then(
      () => rm(stale, { force: true }),
      () => undefined,
    );
  }
  return false;
}
