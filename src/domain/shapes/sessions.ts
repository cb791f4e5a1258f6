import type { PrincipalKind } from "../access/principal.ts";
import type { Role } from "../access/roles.ts";
import type { Grants } from "./keys.ts";

/** What an issuer has said of a person or a CI job, beside their name; what it did not say is absent. */
export interface SessionOrigin {
  readonly subject?: string | undefined;
  /** Where the issuer has verified it. */
  readonly email?: string | undefined;
  /** The trust rule that has let a CI job in. */
  readonly rule?: string | undefined;
  /** The job's run. */
  readonly run?: string | undefined;
}

/** Somebody who is signed in: a person, a CI job, or a browser that has shown a key. */
export interface ListedSession {
  readonly id: string;
  /** How they have proven who they are: by an issuer (`person`, `workload`), a proxy, or a key. */
  readonly kind: PrincipalKind;
  /** As the audit log has it: the same at every sign-in. */
  readonly name: string;
  readonly origin: SessionOrigin;
  /** The key that was shown; null where it was none. */
  readonly keyId: string | null;
  readonly role: Role;
  readonly grants: Grants;
  readonly openedAt: string;
  /** To the minute. */
  readonly lastUsedAt: string;
  /** When it is over, unless it is used meanwhile. */
  readonly expiresAt: string;
}

/** Which sessions are meant: one, or all of whoever has this name. */
export type SessionsOf = { readonly id: string } | { readonly name: string };

export type EndedSession = Pick<ListedSession, "id" | "kind" | "name">;
