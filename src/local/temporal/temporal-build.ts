import { spawn } from "node:child_process";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { childExit } from "../processes/child-exit.ts";
import { executableOnPath } from "../processes/executable.ts";
import type { GetTemporal } from "./temporal-download.ts";

const MODULE = "github.com/temporalio/cli";
const REPORT_EVERY_MS = 5_000;

/** Builds the CLI from its Go module: about three minutes on two cores, seconds when Go has it in its cache. */
export async function buildTemporalCli(get: GetTemporal): Promise<void> {
  const { version, target, machine, onProgress, signal, claim } = get;
  const go = executableOnPath("go", machine.searchPath);
  if (go === undefined) throw new Error("there is no Go on PATH to build it with");
  onProgress(`building Temporal ${version} with Go; this takes about three minutes, once`);
  const folder = await mkdtemp(join(dirname(target), "build-"));
  try {
    const name = `-X ${MODULE}/temporalcli.Version=${version}`;
    const child = spawn(go, ["install", "-v", "-ldflags", name, `${MODULE}/cmd/temporal@v${version}`], {
      env: { ...machine.environment, GOBIN: folder },
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal && { signal, killSignal: "SIGINT" }),
    });
    if (child.pid !== undefined) claim.recordChild(child.pid, MODULE, [{ signal: "SIGINT", waitMs: 5_000 }]);
    const started = performance.now();
    let [packages, modules, last] = [0, 0, ""];
    const ticker = setInterval(() => {
      const what = packages > 0 ? `packages compiled: ${packages}` : `modules downloaded: ${modules}`;
      onProgress(`building Temporal: ${what}, ${Math.round((performance.now() - started) / 1000)} s`);
    }, REPORT_EVERY_MS);
    try {
      createInterface({ input: child.stderr }).on("line", (line) => {
        if (line.startsWith("go: downloading")) modules++;
        else if (/^[\w.~/-]+$/.test(line)) packages++;
        else last = line;
      });
      const code = await childExit(child);
      signal?.throwIfAborted();
      if (code !== 0) throw new Error(`go install failed (${last || `exit code ${code}`})`);
    } finally {
      clearInterval(ticker);
    }
    // Only a whole program ever has the final name.
    await rename(join(folder, "temporal"), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
