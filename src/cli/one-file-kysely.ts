import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const MODULES = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/**
 * Sends imports of kysely to one file, which is made when it is first asked for. kysely comes as 300 small
 * files, and opening them takes longer than most commands; as one it is there in a tenth of the time.
 * Without a bundler, as in a release, it is loaded as it comes.
 */
export function loadKyselyFromOneFile(): void {
  // A Node before 22.15 has no such hooks.
  if (!("registerHooks" in module) || !existsSync(join(MODULES, "rolldown"))) return;
  let file: string | undefined;
  module.registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== "kysely") return next(specifier, context);
      file ??= oneFile();
      return file ? { url: pathToFileURL(file).href, shortCircuit: true } : next(specifier, context);
    },
  });
}

/** Its path, or undefined where it cannot be made. */
function oneFile(): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(join(MODULES, "kysely", "package.json"), "utf8")) as {
      version: string;
    };
    const file = join(MODULES, ".cache", "sluice", `kysely-${version}.mjs`);
    if (!existsSync(file)) make(file);
    return file;
  } catch {
    return undefined;
  }
}

const BUNDLER = `
  import { build } from "rolldown";
  await build({ input: process.argv[1], platform: "node", logLevel: "silent", output: { file: process.argv[2] } });`;

/** The bundler works in promises and a resolver cannot wait for one, so it is a process of its own. */
function make(file: string): void {
  // Not imported above: it is needed once in the life of a version.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  const entry = join(MODULES, "kysely", "dist", "index.js");
  const args = ["--input-type=module", "-e", BUNDLER, entry, draft];
  const { status } = spawnSync(process.execPath, args, {
    cwd: dirname(MODULES),
    stdio: "ignore",
    timeout: 20_000,
  });
  if (status !== 0) throw new Error("the bundler failed");
  renameSync(draft, file);
}
