import { Environment, Interpreter, type JinjaEnvironment, type JinjaNode } from "./jinja-engine.ts";
import { JinjaRuntimeError, measureValue, type RuntimeValue } from "./jinja-values.ts";
import { delimit } from "./untrusted.ts";

/** What a single rendering may use; see docs/decisions/template-engine.md for how the numbers were chosen. */
export interface JinjaLimits {
  /** Steps: one per node evaluated, more for long texts and lists. */
  readonly fuel: number;
  /** Characters in any one text, also in between. */
  readonly characters: number;
}

export const JINJA_LIMITS: JinjaLimits = { fuel: 500_000, characters: 4_000_000 };

/** Blocks and expressions within each other, macro calls included. */
const MAX_DEPTH = 300;
/** Filters and methods whose cost or result is not in proportion to what they are given. */
const COSTLY = new Set(["replace", "join", "indent", "tojson", "split", "list", "title", "map", "sort"]);

interface Given extends JinjaNode {
  readonly type: "Given";
  readonly given: RuntimeValue;
}

/**
 * The engine's interpreter with a budget and without its leniencies. Every evaluation passes through
 * `evaluate`, so that is where steps are counted, sizes are bounded before something large is built,
 * and an undefined value is an error unless the template asks for it (`is defined`, `default`).
 */
export class FueledInterpreter extends Interpreter {
  #fuel: number;
  readonly #limits: JinjaLimits;
  readonly #marked: ReadonlyMap<JinjaNode, readonly string[]>;
  readonly #sizes = new WeakMap<object, number>();
  #depth = 0;
  /** The node whose value is wanted only for one of its items. */
  #holder: JinjaNode | undefined;

  constructor(
    environment: JinjaEnvironment,
    limits: JinjaLimits,
    marked: ReadonlyMap<JinjaNode, readonly string[]>,
  ) {
    super(environment);
    this.#fuel = limits.fuel;
    this.#limits = limits;
    this.#marked = marked;
  }

  override evaluate(node: JinjaNode | undefined, environment: JinjaEnvironment): RuntimeValue {
    if (node === undefined) return super.evaluate(node, environment);
    if (node.type === "Given") return (node as Given).given;
    if (++this.#depth > MAX_DEPTH)
      throw new JinjaRuntimeError("the template is nested too deeply, or a macro calls itself for ever");
    this.#spend(1);
    try {
      const value = super.evaluate(this.#prepare(node, environment), environment);
      this.#check(node, value);
      const names = this.#marked.get(node);
      return names ? this.#mark(names, value) : value;
    } finally {
      this.#depth--;
    }
  }

  #spend(steps: number): void {
    this.#fuel -= steps;
    if (this.#fuel < 0)
      throw new JinjaRuntimeError(
        `the template needs more than ${this.#limits.fuel} steps to render; make its loops or lists smaller`,
      );
  }

  #value(node: unknown, environment: JinjaEnvironment): RuntimeValue {
    return this.evaluate(node as JinjaNode, environment);
  }

  /** A value that has been computed already, in the place of the node that computes it. */
  #given(value: RuntimeValue): Given {
    return { type: "Given", given: value };
  }

  /** Looks at the operands of what could blow up, before it does. */
  #prepare(node: JinjaNode, environment: JinjaEnvironment): JinjaNode {
    switch (node.type) {
      case "For": {
        const iterable = node["iterable"] as JinjaNode;
        const select = iterable.type === "SelectExpression";
        const value = this.#value(select ? iterable["lhs"] : iterable, environment);
        // The engine builds a scope for each item before it looks at the first one.
        this.#spend(4 * lengthOf(value));
        const given = this.#given(value);
        return { ...node, iterable: select ? { ...iterable, lhs: given } : given };
      }
      case "TestExpression": {
        const test = (node["test"] as JinjaNode)["value"];
        if (test !== "defined" && test !== "undefined") return node;
        return { ...node, operand: this.#lenient(node["operand"] as JinjaNode, environment) };
      }
      case "FilterExpression":
      case "FilterStatement":
        return this.#prepareFilter(node, environment);
      case "CallStatement": {
        const call = node["call"] as JinjaNode;
        return {
          ...node,
          call: { ...call, callee: this.#function(call["callee"] as JinjaNode, environment) },
        };
      }
      case "CallExpression":
        return this.#prepareCall(node, environment);
      case "MemberExpression":
        return this.#prepareMember(node, environment);
      default:
        return node;
    }
  }

  /** A name or an attribute that may be missing; inside of it, nothing else may. */
  #lenient(node: JinjaNode, environment: JinjaEnvironment): JinjaNode {
    if (node.type === "Identifier") return this.#given(environment.lookupVariable(node["value"] as string));
    if (node.type === "MemberExpression")
      return this.#given(super.evaluate(this.#prepareMember(node, environment), environment));
    return node;
  }

  #prepareFilter(node: JinjaNode, environment: JinjaEnvironment): JinjaNode {
    const filter = node["filter"] as JinjaNode;
    const isCall = filter.type === "CallExpression";
    const name = String((isCall ? (filter["callee"] as JinjaNode) : filter)["value"]);
    if (node.type === "FilterStatement") {
      if (COSTLY.has(name))
        throw new JinjaRuntimeError(`use "${name}" in an expression, not as a filter block`);
      return node;
    }
    if (name === "default")
      return { ...node, operand: this.#lenient(node["operand"] as JinjaNode, environment) };
    if (!COSTLY.has(name)) return node;
    const operand = this.#value(node["operand"], environment);
    const args = isCall ? this.#prepareArguments(filter["args"] as JinjaNode[], environment) : [];
    this.#guard(name, operand, args);
    return {
      ...node,
      operand: this.#given(operand),
      filter: isCall ? { ...filter, args } : filter,
    };
  }

  #prepareCall(node: JinjaNode, environment: JinjaEnvironment): JinjaNode {
    const callee = node["callee"] as JinjaNode;
    if (callee.type !== "MemberExpression" && callee.type !== "Identifier")
      throw new JinjaRuntimeError("only a name or a method can be called");
    if (callee.type === "Identifier") return { ...node, callee: this.#function(callee, environment) };
    const object = this.#value(callee["object"], environment);
    const name = String((callee["property"] as JinjaNode)["value"]);
    if (callee["computed"]) throw new JinjaRuntimeError("a method is called with a dot, as in text.upper()");
    const args = this.#prepareArguments(node["args"] as JinjaNode[], environment);
    if (COSTLY.has(name)) this.#guard(name, object, args);
    return { ...node, callee: this.#function({ ...callee, object: this.#given(object) }, environment), args };
  }

  /** A function may be called, never printed or passed on: its text is the engine's source code. */
  #function(callee: JinjaNode, environment: JinjaEnvironment): Given {
    const value = super.evaluate(callee, environment);
    if (value.type !== "FunctionValue")
      throw new JinjaRuntimeError(`${describe(callee)} is not a function that can be called here`);
    return this.#given(value);
  }

  #prepareArguments(args: readonly JinjaNode[], environment: JinjaEnvironment): JinjaNode[] {
    return args.map((arg) => {
      if (arg.type === "KeywordArgumentExpression")
        return { ...arg, value: this.#given(this.#value(arg["value"], environment)) };
      if (arg.type === "SpreadExpression" || arg.type === "KeywordSpreadExpression")
        return { ...arg, argument: this.#given(this.#value(arg["argument"], environment)) };
      return this.#given(this.#value(arg, environment));
    });
  }

  #prepareMember(node: JinjaNode, environment: JinjaEnvironment): JinjaNode {
    const holder = node["object"] as JinjaNode;
    this.#holder = holder;
    const object = this.#value(holder, environment);
    const property = node["property"] as JinjaNode;
    // A slice copies its text character by character.
    if (property.type === "SliceExpression" && object.type === "StringValue")
      this.#spend(lengthOf(object) >> 3);
    return { ...node, object: this.#given(object) };
  }

  /** Bounds the result of a {@link COSTLY} filter or method by its operands. */
  #guard(name: string, operand: RuntimeValue, args: readonly JinjaNode[]): void {
    const given = args.flatMap((arg) => {
      const inner = (arg.type === "Given" ? arg : (arg["value"] ?? arg["argument"])) as Given;
      const value = inner.given;
      return Array.isArray(value.value) ? (value.value as RuntimeValue[]) : [value];
    });
    const texts = given.map((value) => (typeof value.value === "string" ? value.value.length : 0));
    const numbers = given.map((value) => (typeof value.value === "number" ? Math.abs(value.value) : 0));
    const longest = Math.max(0, ...texts);
    const size = measureValue(operand, this.#sizes, this.#limits.characters);
    if (name === "title") return this.#spend(size >> 3);
    if (name === "map" || name === "sort") return this.#spend((lengthOf(operand) * (4 + longest)) >> 2);
    if (name === "split" || name === "list")
      return this.#spend(typeof operand.value === "string" ? operand.value.length >> 2 : 0);
    if (name === "join") this.#spend(typeof operand.value === "string" ? operand.value.length >> 2 : 0);
    let bound = size;
    if (name === "join") bound = size + longest * lengthOf(operand);
    else if (name === "replace" && typeof operand.value === "string")
      bound = size + occurrences(operand.value, given[0]?.value) * longest;
    else if (name === "indent" || name === "tojson") {
      const width = Math.max(4, ...numbers, longest);
      if (width > 64) throw new JinjaRuntimeError(`"${name}" takes a width of 64 at most`);
      bound =
        name === "indent" ? size + occurrences(String(operand.value), "\n") * width : size * (1 + width);
      if (name === "tojson" && operand.type !== "StringValue" && given.length === 0) bound = size;
    }
    this.#bound(bound);
    this.#spend(bound >> 8);
  }

  #bound(characters: number): void {
    if (characters > this.#limits.characters)
      throw new JinjaRuntimeError(
        `a text grows past ${this.#limits.characters} characters while the template is rendered`,
      );
  }

  #check(node: JinjaNode, value: RuntimeValue): void {
    if (value.type === "StringValue") {
      const { length } = value.value as string;
      this.#bound(length);
      this.#spend(length >> 8);
    } else if (value.type === "UndefinedValue") {
      if (node.type === "Identifier" || node.type === "MemberExpression")
        throw new JinjaRuntimeError(`${describe(node)} has no value`, describeName(node));
    } else if (value.type === "FunctionValue") {
      if (node.type === "Identifier" || node.type === "MemberExpression")
        throw new JinjaRuntimeError(`${describe(node)} is a function; call it with ()`);
    } else if (value.value !== null && typeof value.value === "object") {
      const known = this.#sizes.has(value) && value.type !== "NamespaceValue";
      // Reading one item is cheap; anything else may go through all of them, or print them.
      this.#spend(known ? lengthOf(value) >> (node === this.#holder ? 8 : 3) : lengthOf(value));
      measureValue(value, this.#sizes, this.#limits.characters);
    }
  }

  #mark(names: readonly string[], value: RuntimeValue): RuntimeValue {
    if (value.type === "NullValue" || value.type === "UndefinedValue") return value;
    const scratch = new Environment();
    return scratch.set("marked", delimit(names.join(","), String(value)));
  }
}

function lengthOf(value: RuntimeValue): number {
  if (Array.isArray(value.value)) return value.value.length;
  if (value.value instanceof Map) return value.value.size;
  return typeof value.value === "string" ? value.value.length : 1;
}

function occurrences(text: string, part: unknown): number {
  if (typeof part !== "string" || part === "") return text.length + 1;
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

function describe(node: JinjaNode): string {
  return `"${describeName(node) ?? "this expression"}"`;
}

function describeName(node: JinjaNode): string | undefined {
  if (node.type === "Identifier") return node["value"] as string;
  if (node.type !== "MemberExpression") return undefined;
  const property = node["property"] as JinjaNode;
  const object = describeName(node["object"] as JinjaNode);
  if (object === undefined) return undefined;
  if (!node["computed"]) return `${object}.${String(property["value"])}`;
  return `${object}[${"value" in property && typeof property["value"] !== "object" ? JSON.stringify(property["value"]) : "…"}]`;
}
