/** What has answered most calls of what asks a model, by the names that its vendor gives. */
export interface Answering {
  /** `openai/gpt-5.4-mini`: another target is another list. */
  readonly target: string;
  /** Each once, the newest last. */
  readonly names: readonly string[];
}

/** Calls of a while, and the name that most of them have. */
export interface Counted {
  readonly target: string;
  readonly name: string;
  readonly n: number;
  readonly total: number;
}

/** Fewer calls may be chance. */
const LEAST_CALLS = 20;
const MOST_NAMES = 50;

/**
 * What is known of it with these calls. `isChange`: more than half of them have a name that has never had them before, so
 * a vendor who goes back and forth between two names is one change. Undefined: nothing new.
 */
export function withAnswering(
  known: Answering | null,
  { target, name, n, total }: Counted,
): { readonly answering: Answering; readonly isChange: boolean } | undefined {
  if (total < LEAST_CALLS || 2 * n <= total) return undefined;
  if (known?.target !== target) return { answering: { target, names: [name] }, isChange: false };
  if (known.names.includes(name)) return undefined;
  return { answering: { target, names: [...known.names, name].slice(-MOST_NAMES) }, isChange: true };
}
