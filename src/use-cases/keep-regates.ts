import { digestJson } from "../digest.ts";
import type { RegateMonitor } from "../domain/monitors/monitor.ts";
import type { Database } from "../storage/database.ts";
import { readRegateSettings, type RegateSetting } from "../storage/read/regates.ts";
import { claimDue, claimReference, noteRegateSchedule } from "../storage/write/regates.ts";

/** A monitor that is to have a schedule. */
export interface ScheduledRegate extends Pick<RegateSetting, "id" | "prompt" | "label"> {
  readonly spec: RegateMonitor;
}

/** What asks by the clock. */
export interface RegateSchedules {
  /** Makes one as it is set, or brings it there; `unpause`: somebody has set it, so what made it pause may be mended. */
  ensure(regate: ScheduledRegate, how: { readonly unpause: boolean }): Promise<void>;
  /** One that is gone is left so. */
  remove(id: string): Promise<void>;
  /** Begins a run now, unless it is paused. */
  trigger(id: string): Promise<void>;
}

/**
 * Sees that there is a schedule for each monitor that asks a golden set again, and for no other, and asks for a reference
 * of each version that has gone live there, while it answers as it did in its tests, and for a run where something else
 * has begun to answer. `anew`: those that are thought to be
 * there are made again, too.
 */
export async function keepRegates(
  db: Database,
  schedules: RegateSchedules,
  { taskQueue, anew }: { readonly taskQueue: string; readonly anew: boolean },
): Promise<void> {
  for (const setting of await readRegateSettings(db)) {
    const { id, prompt, label, version_id: versionId } = setting;
    const spec = specOf(setting);
    const sha256 = spec ? digestJson({ spec, setAt: setting.set_at.toISOString(), taskQueue }) : null;
    const isChanged = sha256 !== setting.scheduled_sha256;
    if (!spec && isChanged) await schedules.remove(id);
    if (spec && (isChanged || anew))
      await schedules.ensure({ id, prompt, label, spec }, { unpause: isChanged });
    if (isChanged) await noteRegateSchedule(db, id, sha256);
    if (spec && versionId !== null && setting.referred_version !== versionId)
      if (await claimReference(db, id, versionId)) await schedules.trigger(id);
    if (spec && setting.is_due && (await claimDue(db, id))) await schedules.trigger(id);
  }
}

function specOf({ spec }: RegateSetting): RegateMonitor | undefined {
  return spec !== null && spec !== "off" && spec.kind === "regate" ? spec : undefined;
}
