import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SluiceError, conflict, unavailable } from "../../domain/errors.ts";
import { readDevState } from "./dev-state.ts";
import { type FolderClaim, claimFolder, stopSurvivor } from "../processes/folder-claim.ts";
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
  const claim = await makeAndClaim(folder).catch((error: unknown) => {
    throw refusal(error, directory);
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

async function makeAndClaim(folder: string): Promise<FolderClaim> {
  // Not recursive: where nothing can be made at all, such as /proc, Node's recursive one never returns.
  if (!existsSync(folder)) mkdirSync(folder);
  return claimFolder(folder, "Sluice");
}

function refusal(error: unknown, directory: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (!(error instanceof SluiceError) && typeof code === "string")
    return unavailable(
      `nothing can be written in ${directory} (${code}); go to a directory of yours and start there`,
      { directory },
      error,
    );
  if (!(error instanceof SluiceError && error.code === "conflict")) return error;
  const pid = Number(error.details["pid"]);
  const at = pageIn(directory);
  return conflict(
    `\`sluice dev\` or \`sluice demo\` runs in ${directory} already (process ${pid}${at ? `, Temporal's page ${at}` : ""}); stop it first (Ctrl-C in its terminal), or use another directory`,
    { directory, pid },
  );
}

function pageIn(directory: string): string | undefined {
  try {
    return readDevState(directory)?.uiUrl;
  } catch {
    return undefined;
  }
}
