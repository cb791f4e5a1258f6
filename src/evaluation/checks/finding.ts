/** What a built-in check found in a version. */
export interface Finding {
  readonly check: "edge_case" | "secret" | "personal_data" | "output_schema" | "tools" | "token_growth";
  /** An error makes the version fail the gate; a warning is told. */
  readonly severity: "warning" | "error";
  /** One plain sentence: what, and where. */
  readonly message: string;
}
