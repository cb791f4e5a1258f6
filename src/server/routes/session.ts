import { readKey } from "../../access/key-text.ts";
import { actingAs } from "../../storage/acting-database.ts";
import { openKeySession } from "../../use-cases/open-key-session.ts";
import { withdrawSession } from "../../use-cases/withdraw-session.ts";
import { countFailure } from "../auth/authenticate.ts";
import { assertOwnSignIn } from "../auth/own-page.ts";
import { endedCookie, sessionCookie, sessionInCookie } from "../auth/session-cookie.ts";
import { endedSession, openedSession, sessionBody } from "../contract/identity.ts";
import { RequestRefused, tooMany } from "../problem.ts";
import { answer, defineRoute } from "../route.ts";

export const openSession = defineRoute({
  method: "POST",
  path: "/v1/session",
  summary: "A session for a browser, for a key",
  about:
    "The answer sets a cookie that stands for the key: until 12 hours pass without a request, 7 days are over, or the key ends. A session that the browser had ends.",
  allow: "sign-in",
  limit: "free",
  body: sessionBody,
  answers: { 200: openedSession },
  idempotency: "none",
  async run({ body, parts, address, headers }) {
    const { browsers, db, keys, limits } = parts;
    assertOwnSignIn(headers, browsers);
    const { shown, key } = await countFailure(parts, address, async () => {
      const shown = readKey(body.key);
      const key = shown && (await keys.check(shown));
      if (shown && key) return { shown, key };
      throw new RequestRefused("unauthenticated", "this key is not known, or no longer good");
    });
    const wait = limits.take(key.account, "write");
    if (wait !== undefined) throw tooMany("this key has opened too many sessions; wait", wait);
    const before = sessionInCookie(headers.cookie, browsers);
    const text = await openKeySession(actingAs(db, shown), before === "bad" ? undefined : before);
    const { owner, role } = key;
    return answer(200, { owner, role }, { "set-cookie": sessionCookie(text, browsers) });
  },
});

export const closeSession = defineRoute({
  method: "DELETE",
  path: "/v1/session",
  summary: "Ends the session, or the CI job's token, that is shown; a key it leaves alone",
  allow: "any key",
  limit: "write",
  answers: { 200: endedSession },
  idempotency: "natural",
  async run({ caller: { key, shown }, parts: { browsers, db } }) {
    const ended = key.session && (await withdrawSession(db, shown));
    return answer(200, { ended }, { "set-cookie": endedCookie(browsers) });
  },
});
