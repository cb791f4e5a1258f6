import { assertPromptName } from "../../domain/names.ts";
import type {
  ListedAlert,
  ListedMonitor,
  Monitors,
  ReplayedMonitor,
  ShownAlert,
} from "../../domain/shapes/monitors.ts";
import { ALERT, idPrefix, MONITOR, oneByPrefix } from "../../domain/text/id-prefix.ts";
import type { AlertsRequest, MonitorsRequest, SetMonitorsRequest } from "../monitor-requests.ts";
import { scopeOf } from "../references.ts";
import { scopeQuery } from "./records.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function monitors(
  server: ServerConnection,
  { prompt }: MonitorsRequest = {},
): Promise<Monitors> {
  const only = prompt === undefined ? undefined : assertPromptName(prompt);
  const { lookedAt, sharing, items } = await server.get<
    Omit<Monitors, "monitors"> & { readonly items: readonly ListedMonitor[] }
  >("/v1/monitors", { prompt: only });
  return { lookedAt, sharing, monitors: items };
}

export async function monitor(server: ServerConnection, text: string): Promise<ListedMonitor> {
  const prefix = idPrefix(text);
  const all = prefix === undefined ? [] : (await monitors(server)).monitors;
  return oneByPrefix(
    all.filter(({ id }) => id.startsWith(prefix!)),
    text,
    MONITOR,
  );
}

export async function alerts(
  server: ServerConnection,
  { prompt, all = false }: AlertsRequest = {},
): Promise<readonly ListedAlert[]> {
  const only = prompt === undefined ? undefined : assertPromptName(prompt);
  const query = { prompt: only, ...(all && { all }) };
  const { items } = await server.get<{ readonly items: readonly ShownAlert[] }>("/v1/alerts", query);
  return items.map(({ can: _, ...alert }) => alert);
}

export async function replayMonitor(
  server: ServerConnection,
  text: string,
  { factor }: { readonly factor: number },
): Promise<ReplayedMonitor> {
  const { id } = await monitor(server, text);
  return server.get(`/v1/monitors/${id}/replay`, { factor });
}

export async function setMonitors(
  server: ServerConnection,
  request: SetMonitorsRequest,
): Promise<readonly ListedMonitor[]> {
  const body = { ...scopeQuery(scopeOf(request)), monitors: request.monitors };
  return (await server.change<{ items: ListedMonitor[] }>("PUT", "/v1/monitors", { body })).items;
}

export async function muteMonitor(
  server: ServerConnection,
  text: string,
  { forMs }: { readonly forMs: number },
): Promise<ListedMonitor> {
  const { id } = await monitor(server, text);
  return server.change("POST", `/v1/monitors/${id}/mute`, { body: { forMs } });
}

export async function acknowledgeAlert(server: ServerConnection, text: string): Promise<ListedAlert> {
  const prefix = idPrefix(text);
  const all = prefix === undefined ? [] : await alerts(server, { all: true });
  const { id } = oneByPrefix(
    all.filter((one) => one.id.startsWith(prefix!)),
    text,
    ALERT,
  );
  return server.change("POST", `/v1/alerts/${id}/acknowledgement`, { body: {} });
}
