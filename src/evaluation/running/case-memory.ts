import { invalidInput } from "../../domain/errors.ts";
import { CONVERSATION, keptNames } from "../dataset/case-sequence.ts";
import type { Dataset, TestCase } from "../dataset/dataset.ts";
import type { Arm, RenderedCase } from "./arm.ts";
import { resolveNestedVars, unresolvedNames } from "./binding/nested-vars.ts";

/** One case, asked once of one version. */
interface CaseRun {
  readonly arm: Arm;
  readonly testCase: TestCase;
  readonly repeat: number;
}

/** A turn as promptfoo's prompts see it in `_conversation`. */
interface Turn {
  /** What was sent: the messages, or the one text. */
  readonly prompt: unknown;
  /** What the user said last. */
  readonly input: string;
  readonly output: unknown;
}

/**
 * What earlier cases of a run leave for later ones, each version and repeat for itself: answers under a name
 * (`storeOutputAs`), and the turns of each conversation (`_conversation`).
 */
export class CaseMemory {
  readonly #names: ReadonlySet<string>;
  readonly #kept = new Map<string, Record<string, unknown>>();
  readonly #turns = new Map<string, Turn[]>();

  constructor(dataset: Pick<Dataset, "cases">) {
    this.#names = keptNames(dataset.cases);
  }

  /** The case with what has been kept put over its variables. Throws where it uses what no earlier case has given. */
  recall({ arm, testCase, repeat }: CaseRun): TestCase {
    const kept = this.#kept.get(`${arm.name}/${repeat}`) ?? {};
    const wantsConversation = arm.names.has(CONVERSATION) && testCase.freshConversation !== true;
    const turns = this.#turns.get(conversationOf(arm.name, testCase, repeat)) ?? [];
    const vars = resolveNestedVars({
      ...testCase.vars,
      ...(wantsConversation && { [CONVERSATION]: [...turns] }),
      ...kept,
    });
    const unresolved = unresolvedNames(vars);
    const missing = [...this.#names].find(
      (name) => unresolved.has(name) || (arm.names.has(name) && !Object.hasOwn(vars, name)),
    );
    if (missing !== undefined)
      throw invalidInput(
        `"${missing}" is an answer that an earlier test is to give (storeOutputAs), and none has given it`,
        { variable: missing },
      );
    return { ...testCase, vars };
  }

  /** Keeps a turn, before anything is made of its answer. */
  addTurn({ arm, testCase, repeat }: CaseRun, { messages, isText }: RenderedCase, output: unknown): void {
    const key = conversationOf(arm.name, testCase, repeat);
    const input = messages.at(-1)?.content ?? "";
    const turn = { prompt: isText ? input : messages.map((message) => ({ ...message })), input, output };
    this.#turns.set(key, [...(this.#turns.get(key) ?? []), turn]);
  }

  /** Keeps an answer as its case is checked by it, under the name that the case says. */
  keep({ arm, testCase: { keepAs }, repeat }: CaseRun, output: unknown): void {
    if (keepAs === undefined || output === "") return;
    const key = `${arm.name}/${repeat}`;
    this.#kept.set(key, { ...this.#kept.get(key), [keepAs]: output });
  }
}

function conversationOf(arm: string, { conversation = "" }: TestCase, repeat: number): string {
  return JSON.stringify([arm, repeat, conversation]);
}
