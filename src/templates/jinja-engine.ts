import * as engine from "@huggingface/jinja";
import type { RuntimeValue } from "./jinja-values.ts";

// The engine's own declarations name their files without extensions, which Node's resolution does not
// follow; this is the part of it that we use, typed.

/** A node of the engine's syntax tree, as far as we look into it. */
export interface JinjaNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface JinjaProgram extends JinjaNode {
  readonly type: "Program";
  readonly body: readonly JinjaNode[];
}

export interface JinjaToken {
  readonly type: string;
  readonly value: string;
}

export interface JinjaEnvironment {
  readonly tests: ReadonlyMap<string, unknown>;
  /** Declares a variable from a plain value; throws when it is declared in this scope already. */
  set(name: string, value: unknown): RuntimeValue;
  lookupVariable(name: string): RuntimeValue;
}

interface JinjaInterpreter {
  run(program: JinjaProgram): RuntimeValue;
  evaluate(node: JinjaNode | undefined, environment: JinjaEnvironment): RuntimeValue;
}

export const Environment = engine.Environment as unknown as new (
  parent?: JinjaEnvironment,
) => JinjaEnvironment;

export const Interpreter = engine.Interpreter as unknown as new (
  environment: JinjaEnvironment,
) => JinjaInterpreter;

export const tokenize = engine.tokenize as unknown as (
  source: string,
  options?: { readonly trim_blocks?: boolean; readonly lstrip_blocks?: boolean },
) => JinjaToken[];

export const parse = engine.parse as unknown as (tokens: readonly JinjaToken[]) => JinjaProgram;
