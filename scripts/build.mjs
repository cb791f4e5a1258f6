// npm run build [-- sluice sluice-resolver]: what the packages hold, from the TypeScript. `npm pack` runs it.
//
//   dist/library/    sluice, sluice/resolver, sluice/invoke, sluice/invoke/temporal and sluice/stats, bundled into few files
//   dist/types/      their declarations
//   dist/src/ …      the command line and the worker, one file a source file, where their paths expect them
//   dist/packages/   packages of many small files, as one file each
//   dist/web/        the dashboard, as browsers load it
//   dist/workflow-bundle.js   the workflow code as a worker runs it
//   packages/sluice-resolver/dist/   the resolver alone: the same bundle and declarations
//
// Says what it does on stderr: stdout belongs to `npm pack`.
import { spawn } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleLibrary } from "./bundle-library.mjs";
import { bundlePackage } from "./bundle-package.mjs";
import { writeWeb } from "./bundle-web.mjs";
import { assertManifest } from "./package-manifest.mjs";
import { copyPublicTypes } from "./public-types.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RESOLVER = join(ROOT, "packages", "sluice-resolver");
/** What the command line reads when it runs, found beside dist/src as it is beside src in a checkout. */
const READ_AT_RUN_TIME = ["migrations", "examples"];

/** The entry of each import path: name of the built file -> source. */
const LIBRARY = {
  index: "src/index.ts",
  resolver: "src/resolver/index.ts",
  invoke: "src/invoke/index.ts",
  "invoke-temporal": "src/invoke/temporal/index.ts",
  stats: "src/statistics/index.ts",
};

const PACKAGES = { sluice: buildSluice, "sluice-resolver": buildResolver };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PACKAGES));
if (unknown.length > 0) {
  console.error(`no package named ${unknown.join(", ")}; packages: ${Object.keys(PACKAGES).join(", ")}`);
  process.exit(2);
}

const scratch = await mkdtemp(join(tmpdir(), "sluice-build-"));
try {
  const types = join(scratch, "types");
  await compile("tsconfig.build-types.json", types);
  for (const [name, build] of Object.entries(PACKAGES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const started = performance.now();
    await build(join(scratch, name), types);
    console.error(`built ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
} catch (error) {
  console.error(`the build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function buildSluice(target, types) {
  await compile("tsconfig.build.json", target);
  await bundlePackage(ROOT, "kysely", target);
  await bundleLibrary(ROOT, LIBRARY, join(target, "library"));
  await copyPublicTypes(types, Object.values(LIBRARY), join(target, "types"));
  for (const folder of READ_AT_RUN_TIME)
    await cp(join(ROOT, folder), join(target, folder), { recursive: true });
  await writeWeb(ROOT, join(target, "web"));
  // Imported here: it takes longer to load than the resolver takes to build.
  const { releasedWorkflowBundle } = await import("./workflow-bundle.mjs");
  await writeFile(join(target, "workflow-bundle.js"), await releasedWorkflowBundle(ROOT));
  await replace(join(ROOT, "dist"), target);
}

async function buildResolver(target, types) {
  const imported = await bundleLibrary(ROOT, { index: LIBRARY.resolver }, target);
  await copyPublicTypes(types, [LIBRARY.resolver], join(target, "types"));
  await assertManifest(ROOT, RESOLVER, imported);
  await replace(join(RESOLVER, "dist"), target);
}

/** Only when all of it is built, and without what an older build left. */
async function replace(place, built) {
  await rm(place, { recursive: true, force: true });
  await cp(built, place, { recursive: true });
}

function compile(project, folder) {
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  return new Promise((resolve, reject) => {
    // Its stdout is our stderr.
    const child = spawn(process.execPath, [tsc, "-p", project, "--outDir", folder], {
      cwd: ROOT,
      stdio: ["ignore", 2, 2],
    });
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`tsc -p ${project} ended with ${code}; what it said is above`)),
    );
  });
}
