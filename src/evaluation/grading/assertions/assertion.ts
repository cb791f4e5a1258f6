import { cut } from "../../../domain/text/visible.ts";
import type { Script } from "../../sandbox/run-script.ts";

/** One check on an answer, in its normalised form: part of what a dataset is hashed over. */
export interface Assertion {
  /** One of the supported types, without the `not-`. */
  readonly type: string;
  /** Written `not-…`: passes when the check does not hold. */
  readonly negated: boolean;
  readonly value?: unknown;
  readonly threshold?: number;
  /** Share in the case's score; 0 measures without being able to fail the case. */
  readonly weight: number;
  /** Name under which the score is also reported. */
  readonly metric?: string;
  /** JavaScript that turns the answer into what is checked. */
  readonly transform?: Script;
  /** `provider/model` that judges this assertion instead of the gate's judge; that embeds, where nothing is judged. */
  readonly judge?: string;
  /** `provider/model` that embeds for an assertion that is also judged. */
  readonly embedding?: string;
  /** What that judge is asked with: `temperature`, `max_tokens` and their like. */
  readonly judgeParams?: Readonly<Record<string, unknown>>;
  /** JavaScript that takes the context out of the answer. */
  readonly contextTransform?: Script;
  /** Replaces the built-in prompt of a judged assertion. */
  readonly rubricPrompt?: unknown;
  /** What a script gets as `context.config`; settings of a check that has such. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Of an assert-set: it passes when its score reaches the threshold, or all pass when it has none. */
  readonly assert?: readonly Assertion[];
  /** `file:line:column`, for messages only: not hashed. */
  readonly where: string;
}

/** What a check says of an answer. */
export interface Grade {
  readonly pass: boolean;
  /** 0 to 1. */
  readonly score: number;
  /** One plain sentence. */
  readonly reason: string;
}

export function grade(pass: boolean, reason: string, score: number = pass ? 1 : 0): Grade {
  return { pass, score, reason };
}

/** `not-contains`, as it was written. */
export function writtenType({ type, negated }: Pick<Assertion, "type" | "negated">): string {
  return negated ? `not-${type}` : type;
}

/** A value in a reason: one line, not too long. */
export function quote(value: unknown, max = 80): string {
  const text = (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).replace(/\s+/g, " ");
  return `"${cut(text, max)}"`;
}
