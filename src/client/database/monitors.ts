import { assertPromptName } from "../../domain/names.ts";
import type { ListedAlert, ListedMonitor, Monitors, ReplayedMonitor } from "../../domain/shapes/monitors.ts";
import { listAlerts } from "../../storage/read/alerts.ts";
import { answerAlert } from "../../use-cases/answer-alert.ts";
import { listMonitors, readMonitor } from "../../use-cases/list-monitors.ts";
import { replayMonitor as replay } from "../../use-cases/replay-monitor.ts";
import { setMonitors as set, setMuted } from "../../use-cases/set-monitors.ts";
import type { AlertsRequest, MonitorsRequest, SetMonitorsRequest } from "../monitor-requests.ts";
import { scopeOf } from "../references.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function monitors(parts: DatabaseParts, { prompt }: MonitorsRequest = {}): Promise<Monitors> {
  const only = prompt === undefined ? undefined : assertPromptName(prompt);
  return parts.read((db) => listMonitors(db, { prompt: only }));
}

export function monitor(parts: DatabaseParts, id: string): Promise<ListedMonitor> {
  return parts.read((db) => readMonitor(db, id));
}

export function alerts(
  parts: DatabaseParts,
  { prompt, all }: AlertsRequest = {},
): Promise<readonly ListedAlert[]> {
  const only = prompt === undefined ? undefined : assertPromptName(prompt);
  return parts.read((db) => listAlerts(db, { prompt: only, all }));
}

export function replayMonitor(
  parts: DatabaseParts,
  id: string,
  { factor }: { readonly factor: number },
): Promise<ReplayedMonitor> {
  return parts.read((db) => replay(db, { id, factor }));
}

export function setMonitors(
  parts: DatabaseParts,
  request: SetMonitorsRequest,
): Promise<readonly ListedMonitor[]> {
  const { prompt, label, model, tenant } = scopeOf(request);
  const place = { prompt, label, model: model || null, tenant: tenant || null };
  return parts.write((db) => set(db, { place, monitors: request.monitors, by: parts.actor }));
}

export function muteMonitor(
  parts: DatabaseParts,
  id: string,
  { forMs }: { readonly forMs: number },
): Promise<ListedMonitor> {
  return parts.write((db) => setMuted(db, { id, forMs, by: parts.actor }));
}

export function acknowledgeAlert(parts: DatabaseParts, id: string): Promise<ListedAlert> {
  return parts.write((db) => answerAlert(db, { id, by: parts.actor, name: parts.actor }));
}
