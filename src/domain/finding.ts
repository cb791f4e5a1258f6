export type FindingCode =
  | "callers"
  | "contract"
  | "cut_off"
  | "edge_case"
  | "free_system_variable"
  | "langfuse_unsafe"
  | "output_schema"
  | "param_ignored"
  | "param_refused"
  | "part_refused"
  | "personal_data"
  | "prefill_refused"
  | "provider_unknown"
  | "schema_not_strict"
  | "schema_refused"
  | "secret"
  | "token_growth"
  | "prompt_cache"
  | "tools";

/** What a built-in check found in a version. */
export interface Finding {
  readonly code: FindingCode;
  /** An error makes the version fail the gate; a warning is shown. */
  readonly severity: "warning" | "error";
  /** One plain sentence: what, and where. */
  readonly message: string;
}
