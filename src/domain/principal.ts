/** Whom the database has seen proof of, as an audit entry keeps it. */
export interface Principal {
  readonly kind: "key";
  readonly id: string;
  /** The key's owner: whose word its use is. */
  readonly name: string;
  /** The database login that showed the proof. */
  readonly by: string;
}
