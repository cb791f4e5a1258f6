import type { Completion } from "../../../providers/completion.ts";
import type { Assertion, Grade } from "./assertion.ts";
import type { Judge } from "./judge.ts";

/** A function that a model may call. */
export interface DeclaredFunction {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** The answer that is checked. */
export interface GradedAnswer {
  /** The answer's text, after the transforms. */
  readonly text: string;
  /** The text is JSON by intent (an output schema, tool calls, a transform's value): scripts see its value. */
  readonly isStructured?: boolean;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly completion: Completion;
  /** The prompt as it was sent, for the judges that want it. */
  readonly prompt: string;
  /** The function tools that the version declares. */
  readonly tools: readonly unknown[];
  /** OpenAI's older `functions`, where it declares such. */
  readonly functions?: readonly DeclaredFunction[];
}

/** What a check may ask for beyond the answer itself. */
export interface GradingContext {
  readonly judge: Judge;
  readonly signal?: AbortSignal | undefined;
}

/** One type of assertion. */
export interface AssertionKind {
  /** A model gives the verdict, so it takes a provider. */
  readonly judged?: boolean;
  /** Its judge may be asked in the user's words: a rubricPrompt. */
  readonly ownPrompt?: boolean;
  /** It compares the answers of several versions, so it is graded when all of them are there. */
  readonly comparative?: boolean;
  /** It compares embeddings, so it takes a provider. */
  readonly embedded?: boolean;
  /** It looks at the call, and not at what the answer says. */
  readonly ofCall?: boolean;
  /** Without a threshold it only measures: every score passes. */
  readonly measures?: boolean;
  /** Variables of the case that it reads by itself. */
  readonly reads?: readonly string[];
  /** It takes a `config`. */
  readonly config?: readonly string[];
  /** Its value is JavaScript, in which `{{` is no template. */
  readonly script?: boolean;
  /** What is wrong with how it is written, found when the dataset is loaded; undefined when nothing is. */
  readonly problem?: (assertion: Assertion) => string | undefined;
  /** The check itself, as if it were not negated. Throws a SluiceError where it cannot be made. */
  readonly grade: (
    assertion: Assertion,
    answer: GradedAnswer,
    context: GradingContext,
  ) => Grade | Promise<Grade>;
}

/** For types that need a text to compare with. */
export function needsText({ value }: Assertion): string | undefined {
  if (value === undefined || value === null || value === "") return "it needs a value";
  return typeof value === "object" ? "its value must be a text" : undefined;
}

/** For types that need a number in `threshold`. */
export function needsThreshold({ threshold }: Assertion): string | undefined {
  return threshold === undefined ? "it needs a threshold" : undefined;
}
