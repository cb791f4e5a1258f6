import { type KeyProof, readKey } from "../../access/key-text.ts";
import { actingAs } from "../../storage/acting-database.ts";
import type { CheckedKey } from "../../storage/read/checked-key.ts";
import { openKeySession } from "../../use-cases/open-key-session.ts";
import { redeemSignInLink } from "../../use-cases/redeem-sign-in-link.ts";
import { withdrawSession } from "../../use-cases/withdraw-session.ts";
import { countFailure } from "../auth/wrong-keys.ts";
import { assertOwnSignIn } from "../auth/own-page.ts";
import { endedCookie, sessionCookie, sessionInCookie } from "../auth/session-cookie.ts";
import { endedSession, openedSession, sessionBody } from "../contract/identity.ts";
import type { Parts } from "../parts.ts";
import { RequestRefused, tooMany } from "../requests/problem.ts";
import { answer, defineRoute } from "../route.ts";

export const openSession = defineRoute({
  method: "POST",
  path: "/v1/session",
  summary: "A session for a browser, for a key or for a sign-in link",
  about:
    "The answer sets a cookie that stands for the key: until 12 hours pass without a request, 7 days are over, or the key ends. A session that the browser had ends.",
  allow: "sign-in",
  limit: "free",
  body: sessionBody,
  answers: { 200: openedSession },
  idempotency: "none",
  async run({ body, parts, address, headers }) {
    const { browsers } = parts;
    assertOwnSignIn(headers, browsers);
    const before = sessionInCookie(headers.cookie, browsers);
    const { text, key } = await countFailure(parts, address, () =>
      "key" in body
        ? openFor(parts, body.key, before === "bad" ? undefined : before)
        : redeem(parts, body.once),
    );
    const { owner, role } = key;
    return answer(200, { owner, role }, { "set-cookie": sessionCookie(text, browsers) });
  },
});

interface Opened {
  /** What the browser shows from now on. */
  readonly text: string;
  readonly key: CheckedKey;
}

async function openFor(
  { db, keys, limits }: Parts,
  text: string,
  before: KeyProof | undefined,
): Promise<Opened> {
  const shown = readKey(text);
  const key = shown && (await keys.check(shown));
  if (!shown || !key) throw new RequestRefused("unauthenticated", "this key is not known, or no longer good");
  const wait = limits.take(key.account, "write");
  if (wait !== undefined) throw tooMany("this key has opened too many sessions; wait", wait);
  return { text: await openKeySession(actingAs(db, shown), before), key };
}

async function redeem({ db, keys }: Parts, link: string): Promise<Opened> {
  const shown = readKey(link, "session");
  const text = shown && (await redeemSignInLink(db, shown));
  const renewed = text === undefined ? undefined : readKey(text, "session");
  const key = renewed && (await keys.check(renewed));
  if (text !== undefined && key) return { text, key };
  throw new RequestRefused(
    "unauthenticated",
    "this sign-in link was used before, or is too old; sign in with a key, or start Sluice again for a new link",
  );
}

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
