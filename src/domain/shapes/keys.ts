import type { Role } from "../access/roles.ts";

/** Where a key may do what its role says. A list that is absent means everywhere. */
export interface Grants {
  readonly labels?: readonly string[] | undefined;
  /** Names, and beginnings of names that end in `/`. */
  readonly prompts?: readonly string[] | undefined;
  readonly tenants?: readonly string[] | undefined;
  /** May set a pointer without evidence. */
  readonly force?: boolean | undefined;
  /** Whoever knows its id may send scores, as Langfuse's client for browsers does. */
  readonly browserScores?: boolean | undefined;
  /** What its requests mean where Langfuse's clients make them. */
  readonly langfuse?: LangfuseGrants | undefined;
}

/** Which mark of a trace is the unit. */
export const UNIT_MARKS = ["user", "session", "trace"] as const;
export type UnitMark = (typeof UNIT_MARKS)[number];

/** What categories of scores count as, by the score's name: `{ thumbs: { up: 1, down: 0 } }`. */
export type CategoryValues = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface LangfuseGrants {
  /** The user, or else the session, when absent. */
  readonly unit?: UnitMark | undefined;
  /** Whose prompts it reads, and whose units its traces are of; `""`, when absent, for those of all. */
  readonly tenant?: string | undefined;
  /** The model of versions that name none, where there is none before; with its vendor: `openai/gpt-5.4-mini`. */
  readonly defaultModel?: string | undefined;
  /** Whether versions with untrusted variables are served: refused when absent, or with delimiters in their text. */
  readonly untrusted?: "refuse" | "delimit" | undefined;
  readonly scores?: CategoryValues | undefined;
}

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

/** How much of one kind has come in, and when the last of it did. */
export interface IntakeCount {
  /** `generation` and `score` are what was counted; anything else says why it was not. */
  readonly kind: string;
  readonly n: number;
  readonly newestAt: string;
}

/** What Langfuse's clients have sent with a key: their own answers always say that all is well. */
export interface KeyIntake {
  readonly id: string;
  readonly name: string;
  readonly intake: readonly IntakeCount[];
}

export interface RevokedKey {
  readonly id: string;
  /** False: it had been revoked before. */
  readonly changed: boolean;
}
