import { keep } from "./kept.ts";
import { ask, Refused } from "./send.ts";

/** Who is signed in, as `GET /v1/me` says it. */
export interface Me {
  readonly name: string;
  readonly owner: string;
  readonly role: string;
  readonly kind: string;
  readonly permissions: readonly string[];
}

/** Undefined until it is known; null: nobody. */
export const signedIn = keep<Me | null | undefined>(undefined);

export async function readSession(): Promise<void> {
  try {
    signedIn.set(await ask<Me>("/v1/me", { signingIn: true }));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signedIn.set(null);
    else throw error;
  }
}

/** Why the link that somebody came by did not sign them in. */
export const linkFailed = keep<string | undefined>(undefined);

/** Finds out who is there; a link that signs in, once, is used for whoever is not signed in yet. */
export async function beginSession(link: string | null): Promise<void> {
  await readSession();
  if (link === null || signedIn.get()) return;
  try {
    await signIn({ once: link });
  } catch (error) {
    linkFailed.set(error instanceof Refused ? error.message : String(error));
  }
}

/** By a key, or by the text of a link that works once. */
export async function signIn(by: { readonly key: string } | { readonly once: string }): Promise<void> {
  await ask("/v1/session", { method: "POST", body: by, signingIn: true });
  await readSession();
}

export async function signOut(): Promise<void> {
  await ask("/v1/session", { method: "DELETE", signingIn: true });
  signedIn.set(null);
}
