import { sql } from "kysely";
import type { Grants } from "../../domain/access/grants.ts";
import type { Role } from "../../domain/access/roles.ts";
import type { TrustRule } from "../../domain/shapes/trust-rules.ts";
import type { Transaction } from "../database.ts";

/** The id of a new session, and what is kept of its secret. */
export interface SessionProof {
  readonly id: string;
  readonly proofSha256: Buffer;
}

export type WorkloadOutcome =
  | {
      readonly outcome: "opened";
      readonly rule: string;
      readonly role: TrustRule["role"];
      readonly grants: Grants;
      /** Of the CI job, as the audit log has it. */
      readonly name: string;
      readonly expiresInMs: number;
    }
  | { readonly outcome: "used" | "no_rule" }
  | { readonly outcome: "many_rules"; readonly rules: readonly string[] };

/** Opens a session for a CI job by the one rule that the claims of its verified token fit. The token is then used up. */
export async function openWorkloadSession(
  transaction: Transaction,
  { id, proofSha256 }: SessionProof,
  claims: Readonly<Record<string, unknown>>,
  rule: string | undefined,
): Promise<WorkloadOutcome> {
  const { rows } = await sql<{ opened: WorkloadOutcome }>`
    select sluice.open_workload_session(${id}, ${proofSha256}, ${JSON.stringify(claims)}::jsonb, ${rule ?? null})
      as opened`.execute(transaction);
  return rows[0]!.opened;
}

/** Opens a session for whoever the transaction acts for by a key. */
export async function openKeySession(
  transaction: Transaction,
  { id, proofSha256 }: SessionProof,
): Promise<void> {
  await sql`select sluice.open_key_session(${id}, ${proofSha256})`.execute(transaction);
}

/** Gives the session that is shown another id and secret. False when there is none that was still good. */
export async function renewSession(
  transaction: Transaction,
  { id, proof }: { readonly id: string; readonly proof: Buffer },
  next: SessionProof,
): Promise<boolean> {
  const { rows } = await sql<{ renewed: boolean }>`
    select sluice.renew_session(${id}, ${proof}, ${next.id}, ${next.proofSha256}) as renewed`.execute(
    transaction,
  );
  return rows[0]!.renewed;
}

/** False when there is none that was still good. */
export async function endSession(
  transaction: Transaction,
  { id, proof }: { readonly id: string; readonly proof: Buffer },
): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`select sluice.end_session(${id}, ${proof}) as ended`.execute(
    transaction,
  );
  return rows[0]!.ended;
}

/** Whom a server has identified, and what they may do by its word. */
export interface Person {
  readonly kind: "person" | "proxy";
  /** The same at every sign-in. */
  readonly name: string;
  readonly about: { readonly subject?: string; readonly email?: string };
  readonly role: Role;
  readonly grants: Grants;
}

export async function openPersonSession(
  transaction: Transaction,
  { id, proofSha256 }: SessionProof,
  person: Person,
  sealedTokens: Buffer | null,
): Promise<void> {
  await sql`select sluice.open_person_session(${id}, ${proofSha256}, ${JSON.stringify(person)}::jsonb,
    ${sealedTokens})`.execute(transaction);
}

/** The issuer's tokens, for the one who is to ask it again; undefined where it is not time, or somebody else asks. */
export async function claimRoleReading(
  transaction: Transaction,
  { id, proof }: { readonly id: string; readonly proof: Buffer },
): Promise<Buffer | undefined> {
  const { rows } = await sql<{ tokens: Buffer | null }>`
    select sluice.claim_role_reading(${id}, ${proof}) as tokens`.execute(transaction);
  return rows[0]!.tokens ?? undefined;
}

export async function keepRole(
  transaction: Transaction,
  { id, proof }: { readonly id: string; readonly proof: Buffer },
  person: Person,
  sealedTokens: Buffer,
): Promise<void> {
  await sql`select sluice.keep_role(${id}, ${proof}, ${JSON.stringify(person)}::jsonb, ${sealedTokens})`.execute(
    transaction,
  );
}
