import type { Principal } from "../access/principal.ts";

export interface AuditLine {
  readonly prompt: string;
  readonly seq: number;
  readonly at: string;
  /** The login that the database saw, and who said they were behind it. */
  readonly actor: string;
  readonly asserted: string | null;
  /** Who it was by proof: whoever showed the secret of this key when it was done. */
  readonly principal: Principal | null;
  readonly action: string;
  readonly label: string | null;
  readonly model: string | null;
  readonly tenant: string | null;
  readonly rolloutId: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly revision: number | null;
  readonly reason: string | null;
  readonly details: Record<string, unknown>;
  readonly hash: string;
}

/** With what it takes to check it without a database: `hash` is the SHA-256 of `content`. */
export interface HashedAuditLine extends AuditLine {
  /** That of the entry before it in its chain. */
  readonly previousHash: string;
  /** A JSON list of every column; the last but the principal is `previousHash`. */
  readonly content: string;
}
