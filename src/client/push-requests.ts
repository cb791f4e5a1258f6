export interface PushRequest {
  /** What a prompt file holds: its text in YAML or JSON, or the object. */
  readonly file: string | Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
  /** The version that it was made from, by its number or its SHA-256; a newer one is a `conflict`. */
  readonly base?: number | string | undefined;
  /** What rollouts of the prompt follow from now on, unless they name another. */
  readonly policy?: unknown;
  /** The test cases of the policy's gate. */
  readonly dataset?: unknown;
  /** Why it may hold what looks like a secret. Kept in the audit log. */
  readonly allowSecret?: string | undefined;
  /** Why it is saved although Git owns the prompt and says something else. */
  readonly emergency?: string | undefined;
}

export interface PushFilesRequest {
  readonly message?: string | undefined;
  /** The version that the one file was made from, in place of what `sluice.lock` says: `7`, `1.4.0` or `NAME@7`. */
  readonly base?: string | undefined;
  readonly allowSecret?: string | undefined;
  /** Why it is saved although Git owns the prompt and says something else. */
  readonly emergency?: string | undefined;
  /** Path of a file of further providers: what is to be known of how they are reached is among the findings. */
  readonly providersFile?: string | undefined;
}
