import { countFailure, countSignIn } from "../auth/wrong-keys.ts";
import type { People } from "../auth/people.ts";
import { assertReturnPath } from "../auth/return-path.ts";
import { sessionCookie } from "../auth/session-cookie.ts";
import { endedSignInCookie, signInCookie, signInOf } from "../auth/sign-in-cookie.ts";
import { callbackQuery, loginQuery, nothing, page } from "../contract/identity.ts";
import type { Parts } from "../parts.ts";
import { RequestRefused } from "../requests/problem.ts";
import { answer, answerText, defineRoute, HTML } from "../route.ts";

export const beginSignIn = defineRoute({
  method: "GET",
  path: "/auth/login",
  summary: "Sends a browser to the issuer where people sign in",
  about: "`return_to` is where it ends: a path of this server, `/` when absent.",
  allow: "sign-in",
  limit: "free",
  query: loginQuery,
  answers: { 302: nothing },
  async run({ query, parts, address }) {
    const people = peopleOf(parts);
    const returnTo = assertReturnPath(query.return_to ?? "/");
    countSignIn(parts, address);
    const { url, transaction } = await people.oidc.begin(returnTo);
    return answer(302, undefined, {
      location: url.href,
      "set-cookie": signInCookie(transaction, parts.browsers),
    });
  },
});

export const finishSignIn = defineRoute({
  method: "GET",
  path: "/auth/callback",
  summary: "Where the issuer sends a browser back to: opens a session",
  about: "The page goes on by itself to where the sign-in was begun.",
  allow: "sign-in",
  limit: "free",
  query: callbackQuery,
  givesText: HTML,
  answers: { 200: page },
  async run({ query, parts, headers, address }) {
    const people = peopleOf(parts);
    const { browsers } = parts;
    const text = await countFailure(parts, address, async () => {
      const transaction = signInOf(headers.cookie, browsers);
      if (!transaction)
        throw new RequestRefused(
          "unauthenticated",
          "this browser has begun no sign-in, or too long ago; begin one: /auth/login",
        );
      const given = Object.entries(query).filter(
        (one): one is [string, string] => typeof one[1] === "string",
      );
      const session = await people.signIn(new URLSearchParams(given), transaction);
      return { session, returnTo: assertReturnPath(transaction.returnTo) };
    });
    return answerText(200, goOnPage(text.returnTo), HTML, {
      "set-cookie": [sessionCookie(text.session, browsers), endedSignInCookie(browsers)],
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
    });
  },
});

function peopleOf({ people }: Parts): People {
  if (people) return people;
  throw new RequestRefused("not_here", "nobody signs in here by an issuer: SLUICE_OIDC_ISSUER names none");
}

/** A page of the server's own: the session's cookie is not sent where the issuer's answer leads by itself. */
function goOnPage(to: string): string {
  const path = to.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<!doctype html><meta charset="utf-8"><title>Sluice</title><meta http-equiv="refresh" content="0;url=${path}"><p>You are signed in. <a href="${path}">Go on</a></p>\n`;
}
