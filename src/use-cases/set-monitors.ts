import { invalidInput } from "../domain/errors.ts";
import { assertLabel, assertPromptName } from "../domain/names.ts";
import { readMonitors, type SetMonitors } from "../domain/monitors/monitors-file.ts";
import type { ListedMonitor, MonitorPlace } from "../domain/shapes/monitors.ts";
import type { Database } from "../storage/database.ts";
import { requirePrompt } from "../storage/read/version.ts";
import { transact } from "../storage/transact.ts";
import { muteMonitor as mute, writeMonitors } from "../storage/write/monitors.ts";
import { listMonitors, readMonitor } from "./list-monitors.ts";

/** A month. */
const LONGEST_MUTE_MS = 31 * 86_400_000;

export interface MonitorsToSet {
  readonly place: MonitorPlace;
  /** As somebody wrote it. */
  readonly monitors: unknown;
  readonly by: string | null;
}

/** Sets what is watched at a place, all of it: what is left out is as usual again. Gives what there is now. */
export async function setMonitors(
  db: Database,
  { place, monitors, by }: MonitorsToSet,
): Promise<ListedMonitor[]> {
  const prompt = assertPromptName(place.prompt);
  assertLabel(place.label);
  const set: SetMonitors = readMonitors(monitors);
  await requirePrompt(db, prompt);
  await transact(db, (transaction) => writeMonitors(transaction, { place, set, by }));
  const all = (await listMonitors(db, { prompt })).monitors;
  return all.filter(
    ({ label, model, tenant }) => label === place.label && model === place.model && tenant === place.tenant,
  );
}

/** Has a monitor ring for nobody for so long; 0: it rings again. What it counts it goes on counting. */
export async function setMuted(
  db: Database,
  { id, forMs, by }: { readonly id: string; readonly forMs: number; readonly by: string | null },
): Promise<ListedMonitor> {
  if (!(forMs >= 0 && forMs <= LONGEST_MUTE_MS))
    throw invalidInput(
      "a monitor is muted for 31d at most; write for example 2h, or 0s to have it ring again",
    );
  const { model, tenant, ...found } = await readMonitor(db, id);
  const monitor = { ...found, model: model ?? "", tenant: tenant ?? "" };
  const until = forMs === 0 ? null : new Date(Date.now() + forMs);
  await transact(db, (transaction) => mute(transaction, { monitor, until, by }));
  return readMonitor(db, found.id);
}
