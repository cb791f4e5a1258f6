import { specOf } from "../domain/monitors/monitor.ts";
import type { LookLine } from "../domain/monitors/look-line.ts";
import type { Transaction } from "../storage/database.ts";
import type { Monitored } from "../storage/read/monitored.ts";
import { resolveAlert } from "../storage/write/alerts.ts";

/** Closes alerts of tests that were asked again where the version that they tell of is not live any more. */
export async function watchRegates(transaction: Transaction, all: readonly Monitored[]): Promise<LookLine[]> {
  const lines: LookLine[] = [];
  for (const monitor of all) {
    const { alert_id: id, alert_version: told, version_id: live, prompt, label, name } = monitor;
    if (id === null || told === live || specOf(name, monitor.spec)?.kind !== "regate") continue;
    const resolution =
      live === null
        ? "nothing is live there any more"
        : `${monitor.version ?? "another version"} is live now`;
    await resolveAlert(transaction, { id, monitor, resolution });
    lines.push({
      prompt,
      line: `the alert ${name} of ${prompt} in ${label} is over: ${resolution}`,
      isBad: false,
    });
  }
  return lines;
}
