/**
 * What was proven: `key`: its secret was shown; `person` and `workload`: the token of an issuer, to the server; `proxy`:
 * a proxy named them to the server, with its secret.
 */
export const PRINCIPAL_KINDS = ["key", "person", "workload", "proxy"] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** Whom the database has seen proof of, as an audit entry keeps it. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** Of the key, or of the session that was opened for the person or CI job. */
  readonly id: string;
  /** The key's owner, whose word its use is; `subject@issuer` of a person; `repository:ID@issuer` of a CI job. */
  readonly name: string;
  /** The database login that showed the proof. */
  readonly by: string;
  /** The session that was opened with the key, where one was shown and not the key itself. */
  readonly session?: string;
  /** What the issuer calls a CI job. */
  readonly subject?: string;
  /** The CI job's run. */
  readonly run?: string;
  /** The trust rule that has let it in. */
  readonly rule?: string;
  /** A person's, where the issuer has verified it. */
  readonly email?: string;
}
