/** What the thread that reads SQL is asked. */
export interface SqlTask {
  readonly sql: string;
  readonly database: string;
  /** Patterns of `action::database::table`, of which every table that is used has to fit one. */
  readonly allowedTables?: readonly string[] | undefined;
  /** Patterns of `action::table::column`, likewise. */
  readonly allowedColumns?: readonly string[] | undefined;
}

export type SqlAnswer =
  | { readonly kind: "valid" }
  | { readonly kind: "invalid"; readonly problem: string }
  /** It could not be read at all: that says nothing of the SQL. */
  | { readonly kind: "unchecked"; readonly problem: string };
