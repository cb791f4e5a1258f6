import type { EndedSession, ListedSession, SessionsOf } from "../../domain/shapes/sessions.ts";
import type { ServerConnection } from "./server-connection.ts";

export async function sessions(server: ServerConnection): Promise<readonly ListedSession[]> {
  return (await server.get<{ items: ListedSession[] }>("/v1/sessions")).items;
}

export async function endSessions(
  server: ServerConnection,
  of: SessionsOf,
): Promise<readonly EndedSession[]> {
  const query = new URLSearchParams({ ...of }).toString();
  const path = `/v1/sessions?${query}`;
  return (await server.change<{ items: EndedSession[] }>("DELETE", path, { body: undefined })).items;
}
