import { lchownSync, mkdtempSync, readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { unavailable } from "../../domain/errors.ts";

/** Who Postgres runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root, so root runs it as `nobody`. Undefined for everybody else: it runs
 * as the user who started it.
 */
export function postgresAccount(uid: number | undefined = process.getuid?.()): Account | undefined {
  if (uid !== 0) return undefined;
  // macOS lists nobody in /etc/passwd too, as -2.
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name, , id, group] = line.split(":");
    if (name === "nobody" && id && group) return { uid: Number(id) >>> 0, gid: Number(group) >>> 0 };
  }
  throw unavailable(
    "Postgres does not run as root and this system has no user `nobody`: start Sluice as an ordinary user, or set DATABASE_URL",
  );
}

/** Whether an account may enter a folder: each one above it must let it through. */
export function mayEnter(folder: string, account: Account): boolean {
  for (let path = realpathSync(folder); ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** A new folder of the account's own, outside the home folders that it cannot enter. */
export function folderFor(account: Account): string {
  // /var/tmp outlives a restart of the machine. The name is unguessable, so nobody can sit there first.
  for (const parent of ["/var/tmp", "/tmp"]) {
    try {
      if (!mayEnter(parent, account)) continue;
      const folder = mkdtempSync(join(parent, "sluice-"));
      lchownSync(folder, account.uid, account.gid);
      return folder;
    } catch {
      continue;
    }
  }
  throw unavailable(
    "as root, Postgres runs as `nobody`, who can enter neither this folder nor /var/tmp nor /tmp: start Sluice as an ordinary user, or set DATABASE_URL",
  );
}

export function giveTree(folder: string, account: Account): void {
  lchownSync(folder, account.uid, account.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveTree(path, account);
    else lchownSync(path, account.uid, account.gid);
  }
}
