import { notFound } from "../domain/errors.ts";
import type { EndedSession, SessionsOf } from "../domain/shapes/sessions.ts";
import { shown } from "../domain/text/visible.ts";
import type { Database } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import type { KeyHand } from "../storage/write/key-register.ts";
import { endListedSession, sessionsFor } from "../storage/write/session-register.ts";

/**
 * Ends a session, or all of whoever has a name: each is refused within seconds, and audited. Gives those that were still
 * good; `not_found` where there are none. A key stays good, and whoever has an account at the issuer can sign in again.
 */
export async function withdrawSessions(
  db: Database,
  of: SessionsOf,
  hand: KeyHand = {},
): Promise<readonly EndedSession[]> {
  const ended = await transact(db, async (transaction) => {
    const meant = (await sessionsFor(transaction, hand)).filter((session) =>
      "id" in of ? session.id === of.id : session.name === of.name,
    );
    const done: EndedSession[] = [];
    for (const { id, kind, name } of meant)
      if (await endListedSession(transaction, { id, kind, name }, hand)) done.push({ id, kind, name });
    return done;
  });
  if (ended.length > 0) return ended;
  throw notFound(
    "id" in of
      ? `there is no session ${shown(of.id)} that is still good; see: sluice sessions list`
      : `nobody is signed in as ${shown(of.name)}; see: sluice sessions list`,
    { ...of },
  );
}
