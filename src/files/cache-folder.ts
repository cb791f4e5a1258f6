import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where what can be made again is kept on this machine. `read` gives a variable of the environment. */
export function cacheFolder(read: (name: string) => string | undefined): string {
  const own = read("SLUICE_CACHE_DIR");
  if (own !== undefined) return own;
  const shared = read("XDG_CACHE_HOME");
  // The XDG rules say to ignore a path that is not absolute.
  if (shared !== undefined && isAbsolute(shared)) return join(shared, "sluice");
  const home = read("HOME") ?? homedir();
  return process.platform === "darwin"
    ? join(home, "Library", "Caches", "sluice")
    : join(home, ".cache", "sluice");
}
