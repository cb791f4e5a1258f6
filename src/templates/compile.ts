import type { TemplateSyntax } from "../domain/prompt/artifact.ts";
import { invalidInput, messageOf } from "../domain/errors.ts";
import type { OwnFilters } from "./jinja/filter.ts";
import { Interpreter } from "./jinja/interpreter.ts";
import { JINJA_LIMITS, type JinjaLimits } from "./jinja/bounded-values.ts";
import { JinjaRuntimeError, walk, type JinjaProgram } from "./jinja/nodes.ts";
import { Callable, isInteger, Namespace, textOf } from "./jinja/python.ts";
import { Scope } from "./jinja/scope.ts";
import { freeNames, JINJA_GLOBALS, namesIn } from "./jinja/jinja-names.ts";
import { offsetOfName, parseJinja, type Whitespace } from "./jinja/jinja-syntax.ts";
import { untrustedOutputs } from "./jinja/jinja-taint.ts";
import { lacks } from "./missing-values.ts";
import { parseDollar } from "./parse-dollar.ts";
import { parseLangfuse } from "./parse-langfuse.ts";
import { parseMustache } from "./parse-mustache.ts";
import {
  describeReference,
  SegmentBuilder,
  valueAt,
  type ParsedSegments,
  type Reference,
  type Segments,
} from "./segments.ts";
import { delimit } from "./untrusted.ts";
import { valueText } from "./value-text.ts";

/** A template that has been read once and can be rendered any number of times. */
export interface CompiledTemplate {
  readonly syntax: TemplateSyntax;
  readonly source: string;
  /** The variables that it reads, each once. */
  readonly names: readonly string[];
  /** Every name that occurs in it as a value, also one that it binds itself (`for x in …`). */
  readonly mentioned: readonly string[];
  /** Its own text, without what is put into it: what it costs in tokens whatever the values are. */
  readonly fixedText: string;
  /** Present when it only substitutes, so that a caller can join it without a call per template. */
  readonly segments?: Segments;
  /**
   * The text with values put in. A value that is missing is an `invalid_input` error naming it, in
   * `dollar` an empty text and a warning. Values of `untrusted` names appear between delimiters.
   */
  render(values: ReadonlyMap<string, unknown>, warnings?: string[]): string;
  /** The offset in `source` where a name is first read. */
  offsetOf(name: string): number;
}

export interface CompileOptions {
  /** Names whose values come from outside; see {@link delimit}. */
  readonly untrusted?: ReadonlySet<string>;
  readonly limits?: JinjaLimits;
  /** Of jinja: `jinja` leaves the white space around blocks as Jinja2's default does. */
  readonly whitespace?: Whitespace | undefined;
  /** Of jinja: filters beyond its own. */
  readonly filters?: OwnFilters | undefined;
}

/** Those of the syntaxes that only substitute. */
const PARSERS = { mustache: parseMustache, dollar: parseDollar, langfuse: parseLangfuse } satisfies Record<
  Exclude<TemplateSyntax, "jinja">,
  (source: string) => ParsedSegments
>;

/** Reads a template; one that is not valid is an `invalid_input` error with its line and column. */
export function compileTemplate(
  syntax: TemplateSyntax,
  source: string,
  options: CompileOptions = {},
): CompiledTemplate {
  const untrusted = options.untrusted ?? new Set();
  if (syntax !== "jinja") {
    const { segments, offsets } = PARSERS[syntax](source);
    return substitution(syntax, source, segments, untrusted, (name) => offsets.get(name) ?? 0);
  }
  const program = parseJinja(source, options.whitespace, options.filters);
  const segments = jinjaSegments(program);
  if (segments)
    return substitution(syntax, source, segments, untrusted, (name) => offsetOfName(source, name));
  return jinjaTemplate(program, source, untrusted, options);
}

function substitution(
  syntax: TemplateSyntax,
  source: string,
  segments: Segments,
  untrusted: ReadonlySet<string>,
  offsetOf: (name: string) => number,
): CompiledTemplate {
  const { literals, references } = segments;
  const names = [...new Set(references.map((reference) => reference.name))];
  return {
    syntax,
    source,
    segments,
    names,
    mentioned: names,
    fixedText: literals.join(""),
    render(values, warnings = []) {
      let text = literals[0]!;
      for (let i = 0; i < references.length; i++) {
        const reference = references[i]!;
        text += referenceText(syntax, reference, values.get(reference.name), warnings, untrusted);
        text += literals[i + 1]!;
      }
      return text;
    },
    offsetOf,
  };
}

/** What stands for a reference in the text, given the value of its variable. */
export function referenceText(
  syntax: TemplateSyntax,
  reference: Reference,
  root: unknown,
  warnings: string[],
  untrusted: ReadonlySet<string>,
): string {
  const value = reference.path.length === 0 ? root : valueAt(root, reference.path);
  if (value === undefined) {
    const name = describeReference(reference);
    if (syntax !== "dollar") throw missingValue(name);
    warnings.push(`"${name}" has no value and was rendered empty`);
    return "";
  }
  const text = valueText(value);
  return untrusted.has(reference.name) ? delimit(reference.name, text) : text;
}

export function missingValue(name: string): Error {
  return invalidInput(`"${name}" has no value; pass it, or give it a default in the prompt file`, {
    variable: name,
    ...lacks(name),
  });
}

/** The segments of a template that is nothing but text and `{{ name }}`; undefined for any other. */
function jinjaSegments(program: JinjaProgram): Segments | undefined {
  const builder = new SegmentBuilder();
  for (const node of program.body) {
    if (node.type === "StringLiteral") builder.text(node["value"] as string);
    else if (node.type === "Identifier" && !JINJA_GLOBALS.has(node["value"] as string)) {
      builder.reference({ name: node["value"] as string, path: [] });
    } else if (node.type !== "Comment") return undefined;
  }
  return builder.build();
}

function jinjaTemplate(
  program: JinjaProgram,
  source: string,
  untrusted: ReadonlySet<string>,
  { limits = JINJA_LIMITS, filters }: CompileOptions,
): CompiledTemplate {
  const marked = untrustedOutputs(program, untrusted);
  const names = [...freeNames(program)];
  let fixedText = "";
  walk(program.body, (node) => {
    if (node.type === "StringLiteral") fixedText += node["value"] as string;
  });
  return {
    syntax: "jinja",
    source,
    names,
    mentioned: [...namesIn(program)],
    fixedText,
    render(values) {
      const globals = new Scope();
      for (const [name, value] of GLOBALS) globals.set(name, value);
      globals.set("range", boundedRange(limits.fuel));
      const scope = new Scope(globals);
      try {
        for (const name of names) {
          const value = values.get(name);
          if (value !== undefined) scope.set(name, value);
        }
        return new Interpreter(limits, marked, filters).run(program, scope).toWellFormed();
      } catch (error) {
        throw renderError(error);
      }
    },
    offsetOf: (name) => offsetOfName(source, name),
  };
}

const GLOBALS: readonly (readonly [string, Callable])[] = [
  [
    "namespace",
    new Callable((args, kwargs) => {
      if (args.length > 0) throw new JinjaRuntimeError("namespace() takes names only, as in namespace(n=0)");
      const space = new Namespace();
      for (const [name, value] of kwargs) space.attributes.set(name, value);
      return space;
    }),
  ],
  [
    "raise_exception",
    new Callable(([message]) => {
      throw new JinjaRuntimeError(textOf(message ?? null));
    }),
  ],
];

/** Python's range, whole numbers only, that refuses to build a list which could not be looped over anyway. */
function boundedRange(limit: number): Callable {
  return new Callable((args) => {
    if (args.length === 0 || args.length > 3 || !args.every(isInteger))
      throw new JinjaRuntimeError("range() takes one to three whole numbers");
    const numbers: readonly number[] = args;
    const [start, stop, step] =
      numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0]!, numbers[1]!, numbers[2] ?? 1];
    if (step === 0) throw new JinjaRuntimeError("range() with a step of 0 never ends");
    const count = Math.max(0, Math.ceil((stop - start) / step));
    if (count > limit / 4) throw new JinjaRuntimeError(`range() of ${count} numbers is too long`);
    return Array.from({ length: count }, (_, i) => start + i * step);
  });
}

function renderError(error: unknown): Error {
  if (error instanceof JinjaRuntimeError)
    return error.variable === undefined ? invalidInput(error.message) : missingValue(error.variable);
  if (error instanceof RangeError)
    return invalidInput("the template is nested too deeply, or makes a text that is too long");
  const message = messageOf(error).split("\n", 1)[0]!;
  return invalidInput(message.charAt(0).toLowerCase() + message.slice(1));
}
