import type { EndedSession, ListedSession, SessionsOf } from "../../domain/shapes/sessions.ts";
import { listSessions } from "../../use-cases/list-sessions.ts";
import { withdrawSessions } from "../../use-cases/withdraw-sessions.ts";
import type { DatabaseParts } from "./database-parts.ts";

export function sessions(parts: DatabaseParts): Promise<ListedSession[]> {
  return parts.read((db) => listSessions(db));
}

export function endSessions(parts: DatabaseParts, of: SessionsOf): Promise<readonly EndedSession[]> {
  return parts.write((db) => withdrawSessions(db, of, { by: parts.actor }));
}
