import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Account, folderFor, giveTree, mayEnter } from "./postgres-account.ts";

/** Where a Postgres keeps its data and finds its programs. */
export interface PostgresPlace {
  /** The folder with `cluster`, and with `binaries` when they had to be copied. */
  readonly folder: string;
  readonly cluster: string;
  readonly binaries: string;
}

const POINTER = "place";

/**
 * `dataDir` itself, unless Postgres runs as another user who may not enter it or the programs: then a
 * folder of that user's, remembered in `dataDir/place`, so that deleting `dataDir` starts afresh.
 */
export function findPlace(dataDir: string, binaries: string, account: Account | undefined): PostgresPlace {
  if (account === undefined || (mayEnter(dataDir, account) && mayEnter(join(binaries, "bin"), account)))
    return { folder: dataDir, cluster: join(dataDir, "cluster"), binaries };
  const pointer = join(dataDir, POINTER);
  const known = readPlace(dataDir);
  const folder = known !== undefined && existsSync(known) ? known : folderFor(account);
  if (folder !== known) writeFileSync(pointer, folder);
  const copy = join(folder, "binaries", Buffer.from(dirname(binaries)).toString("base64url").slice(-40));
  if (!existsSync(join(copy, "complete"))) {
    rmSync(join(folder, "binaries"), { recursive: true, force: true });
    cpSync(binaries, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, "complete"), "");
    giveTree(join(folder, "binaries"), account);
  }
  return { folder, cluster: join(folder, "cluster"), binaries: copy };
}

/** The folder outside `dataDir` that holds its data, if it has one. */
export function readPlace(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, POINTER), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
