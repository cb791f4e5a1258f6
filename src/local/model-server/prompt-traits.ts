/** What a system prompt asks for, as far as the scripted assistant listens to it. */
export interface PromptTraits {
  /** The names of the keys of the JSON object that is asked for; undefined when JSON is not asked for. */
  readonly jsonKeys: readonly string[] | undefined;
  readonly steps: boolean;
  readonly policy: boolean;
  readonly brief: boolean;
  readonly flattering: boolean;
  readonly wordy: boolean;
  /** Told not to look things up: half of the facts come out wrong. */
  readonly careless: boolean;
}

const DEFAULT_KEYS = ["answer", "category"];

/** Reads the traits from a prompt's words. A clause that says `not`, `no` or `never` does not ask for its words. */
export function readTraits(system: string): PromptTraits {
  const wanted = system
    .split(/[.!?;:,]\s+|\n+|\bbut\b/)
    .filter((clause) => !/\b(do not|don't|never|no|without|instead of|avoid|not)\b/i.test(clause))
    .join("\n");
  const asks = (words: RegExp) => words.test(wanted);
  return {
    jsonKeys: asks(/\bjson\b/i) ? (keysIn(system) ?? DEFAULT_KEYS) : undefined,
    steps: asks(/\bsteps?\b|step-by-step|\bnumbered\b/i),
    policy: asks(/\b(quote|cite)\b[^.]*\bpolic(y|ies)\b/i),
    brief: asks(/\b(brief(ly)?|concise(ly)?|short|one sentence)\b/i),
    flattering: asks(/\b(flatter|compliment|praise|delight|enthusias\w*|heart ?warming)\b/i),
    wordy: asks(/\b(elaborate|at length|eloquent(ly)?|background|flowing)\b/i),
    careless: asks(/\b(guess|from memory|whatever sounds right)\b/i),
  };
}

/** `{"answer": …, "category": …}` in a prompt names the keys. */
function keysIn(system: string): string[] | undefined {
  const object = /\{[^{}]*"[\w-]+"\s*:[^{}]*\}/.exec(system)?.[0];
  const keys = object && [...object.matchAll(/"([\w-]+)"\s*:/g)].map((match) => match[1]!);
  return keys && keys.length > 0 ? keys : undefined;
}
