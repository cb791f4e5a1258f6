import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SluiceError, conflict } from "../domain/errors.ts";
import { readDevState } from "./dev-state.ts";
import { type FolderClaim, claimFolder, stopSurvivor } from "./folder-claim.ts";
import { clearDeadRuns } from "./run-folder.ts";

/** Everything that Sluice keeps in a directory. */
export function sluiceFolder(directory: string): string {
  return join(directory, ".sluice");
}

/** Where the demo's runs are, each in a folder that goes with it. */
export function demoRuns(directory: string): string {
  return join(sluiceFolder(directory), "demo");
}

/**
 * Takes `directory` for one stack, `dev` or `demo`: commands there must know which parts are meant. Stops
 * what a killed one left running, of either kind. Fails with `conflict` while another one runs.
 */
export async function claimDirectory(directory: string): Promise<FolderClaim> {
  const folder = sluiceFolder(directory);
  const claim = await claimFolder(folder, "Sluice").catch((error: unknown) => {
    if (!(error instanceof SluiceError && error.code === "conflict")) throw error;
    const { pid } = error.details;
    const at = readDevState(directory)?.uiUrl;
    throw conflict(
      `\`sluice dev\` or \`sluice demo\` runs in ${directory} already (process ${Number(pid)}${at ? `, Temporal's page ${at}` : ""}); stop it first (Ctrl-C in its terminal), or use another directory`,
      { directory, pid },
    );
  });
  try {
    for (const part of readdirSync(folder)) await stopSurvivor(join(folder, part));
    mkdirSync(demoRuns(directory), { recursive: true });
    await clearDeadRuns(demoRuns(directory));
  } catch (error) {
    claim.release();
    throw error;
  }
  return claim;
}
