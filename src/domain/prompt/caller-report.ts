/** What a value that a service sends is, as JSON. */
export const SENT_TYPES = ["boolean", "json", "list", "null", "number", "string"] as const;
export type SentType = (typeof SENT_TYPES)[number];

/** What one service has sent for its prompts since it last said so: the argument of `sluice.report_callers`. */
export interface CallerReport {
  readonly service: string;
  /** The tenants whose prompts it may have, with commas between; absent: all. Only a server says it, of a key. */
  readonly tenants?: string;
  readonly sends: readonly SentForPrompt[];
}

export interface SentForPrompt {
  readonly label: string;
  readonly prompt: string;
  /** Renderings. */
  readonly calls: number;
  readonly values: readonly SentValue[];
}

/** One variable or placeholder: its name and what its values were like, never a value. */
export interface SentValue {
  readonly kind: "variable" | "placeholder";
  readonly name: string;
  readonly types: readonly SentType[];
  /** The longest text, in characters, or list, in items, rounded up to a power of two; 0 for other values. */
  readonly longest: number;
  /** Renderings with it. */
  readonly calls: number;
}
