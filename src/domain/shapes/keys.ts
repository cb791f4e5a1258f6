import type { Grants } from "../grants.ts";
import type { Role } from "../roles.ts";

/** What is known of a key: its secret is kept nowhere. */
export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  readonly owner: string;
  readonly state: "good" | "expired" | "revoked";
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** The key that a rotation has put in its place. */
  readonly replacedBy: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
}

/** What is shown once: the key itself is kept nowhere. */
export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  readonly grants: Grants;
  readonly owner: string;
}

export interface RevokedKey {
  readonly id: string;
  /** False: it had been revoked before. */
  readonly changed: boolean;
}
