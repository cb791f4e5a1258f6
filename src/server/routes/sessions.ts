import { listSessions } from "../../use-cases/list-sessions.ts";
import { withdrawSessions } from "../../use-cases/withdraw-sessions.ts";
import { endedSessionList, sessionList, sessionsQuery } from "../contract/identity.ts";
import { answer, defineRoute } from "../route.ts";

/** Postgres sees to it that a key is about sessions that can do no more than itself. */
const BY_ADMIN = { access: "admin" } as const;

const allow = { permission: "administer", needsKey: true, places: "filtered" } as const;

export const listAllSessions = defineRoute({
  method: "GET",
  path: "/v1/sessions",
  summary: "Who is signed in, the newest first",
  about:
    "People, CI jobs, and browsers that have shown a key. Of sessions that can do no more than the key that asks.",
  allow,
  limit: "read",
  answers: { 200: sessionList },
  run: async ({ caller }) =>
    answer(200, { items: await listSessions(caller.acting(), BY_ADMIN), next: null }),
});

export const endSessions = defineRoute({
  method: "DELETE",
  path: "/v1/sessions",
  summary: "Ends a session, or all of one person or CI job: everywhere within seconds",
  about:
    "`?id=` names one, `?name=` whose: one of the two. A key stays good, and whoever has an account at the issuer can sign in again.",
  allow,
  limit: "write",
  query: sessionsQuery,
  answers: { 200: endedSessionList },
  idempotency: "natural",
  run: async ({ query, caller }) =>
    answer(200, { items: await withdrawSessions(caller.acting(), query, BY_ADMIN), next: null }),
});
