import { delimit } from "../untrusted.ts";
import type { FilterContext } from "./filter.ts";
import { FILTERS } from "./filters.ts";
import { measureValue } from "./measure.ts";
import { methodOf } from "./methods.ts";
import { isNode, JinjaRuntimeError, type JinjaNode, type JinjaProgram } from "./nodes.ts";
import { operate, slice } from "./operators.ts";
import {
  Callable,
  float,
  Group,
  isDict,
  isFloat,
  isNumber,
  isTrue,
  itemOf,
  iterate,
  lengthOf,
  Namespace,
  numberOf,
  textOf,
  typeName,
  Undefined,
} from "./python.ts";
import { Loop, Scope } from "./scope.ts";
import { TESTS } from "./tests.ts";

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

/** `{% break %}` and `{% continue %}`, on their way to their loop, with what was printed before. */
class LoopControl extends Error {
  readonly kind: "Break" | "Continue";
  text = "";
  constructor(kind: "Break" | "Continue") {
    super(`{% ${kind.toLowerCase()} %} stands outside of a loop`);
    this.kind = kind;
  }
}

type Evaluated = ReadonlyMap<string, unknown>;

/**
 * Runs a template with a budget: each node takes a step, sizes are bounded before something large is built, and a
 * value that is not there is an error unless the template asks for it (`is defined`, `default`).
 */
export class Interpreter implements FilterContext {
  #fuel: number;
  readonly #limits: JinjaLimits;
  readonly #marked: ReadonlyMap<JinjaNode, readonly string[]>;
  readonly #sizes = new WeakMap<object, number>();
  #depth = 0;

  constructor(limits: JinjaLimits, marked: ReadonlyMap<JinjaNode, readonly string[]>) {
    this.#fuel = limits.fuel;
    this.#limits = limits;
    this.#marked = marked;
  }

  run(program: JinjaProgram, scope: Scope): string {
    return this.#body(program.body, scope);
  }

  spend(steps: number): void {
    this.#fuel -= steps;
    if (this.#fuel < 0)
      throw new JinjaRuntimeError(
        `the template needs more than ${this.#limits.fuel} steps to render; make its loops or lists smaller`,
      );
  }

  bound(characters: number): void {
    if (characters > this.#limits.characters)
      throw new JinjaRuntimeError(
        `a text grows past ${this.#limits.characters} characters while the template is rendered`,
      );
  }

  filter(name: string, value: unknown, args: readonly unknown[], kwargs: Evaluated): unknown {
    const filter = FILTERS.get(name);
    if (!filter) throw new JinjaRuntimeError(`there is no filter "${name}"`);
    return this.#checked(filter(this, value, args, kwargs));
  }

  test(name: string, value: unknown, args: readonly unknown[]): boolean {
    const test = TESTS.get(name);
    if (!test) throw new JinjaRuntimeError(`there is no test "${name}"`);
    return test(value, args);
  }

  attribute(value: unknown, path: unknown): unknown {
    if (isNumber(path)) return this.#item(value, path);
    let current = value;
    for (const part of textOf(path).split(".")) {
      if (current instanceof Undefined) return current;
      const found = this.#member(current, part);
      current = found instanceof Undefined && /^\d+$/.test(part) ? this.#item(current, Number(part)) : found;
    }
    return current;
  }

  // Blocks

  #body(nodes: readonly JinjaNode[], scope: Scope): string {
    let text = "";
    for (const node of nodes) {
      try {
        text += node.type === "StringLiteral" ? (node["value"] as string) : this.#output(node, scope);
      } catch (error) {
        if (error instanceof LoopControl) error.text = text + error.text;
        throw error;
      }
      this.bound(text.length);
    }
    return text;
  }

  #output(node: JinjaNode, scope: Scope): string {
    this.#enter();
    try {
      const names = this.#marked.get(node);
      const text = this.#statement(node, scope) ?? this.#printed(this.#evaluate(node, scope));
      return names && text !== null ? delimit(names.join(","), text) : (text ?? "");
    } finally {
      this.#depth--;
    }
  }

  /** Null where there is nothing to print, and so nothing to delimit either. */
  #printed(value: unknown): string | null {
    if (value === null) return null;
    if (value instanceof Undefined) return null;
    const text = textOf(value);
    this.spend(text.length >> 8);
    return text.toWellFormed();
  }

  /** What a block prints; undefined for an expression. */
  #statement(node: JinjaNode, scope: Scope): string | undefined {
    switch (node.type) {
      case "If": {
        const branch = isTrue(this.#value(node["test"], scope)) ? "body" : "alternate";
        return this.#body(node[branch] as JinjaNode[], scope);
      }
      case "For":
        return this.#for(node, scope, this.#iterable(node, scope), 0);
      case "Set":
        this.#set(node, scope);
        return "";
      case "With": {
        const inner = new Scope(scope);
        const values = (node["values"] as JinjaNode[]).map((value) => this.#value(value, scope));
        (node["targets"] as JinjaNode[]).forEach((target, i) =>
          inner.set(target["value"] as string, values[i]),
        );
        return this.#body(node["body"] as JinjaNode[], inner);
      }
      case "Macro":
        scope.set((node["name"] as JinjaNode)["value"] as string, this.#macro(node, "args", scope));
        return "";
      case "CallStatement": {
        const { callee, args } = node["call"] as JinjaNode & { callee: JinjaNode; args: JinjaNode[] };
        const given = this.#arguments(args, scope);
        given.kwargs.set("caller", this.#macro(node, "callerArgs", scope));
        return textOf(this.#function(callee, scope).call(given.args, given.kwargs));
      }
      case "FilterStatement": {
        const text = this.#body(node["body"] as JinjaNode[], scope);
        return textOf(this.#filtered(node["filter"] as JinjaNode, text, scope));
      }
      case "Break":
      case "Continue":
        throw new LoopControl(node.type);
      default:
        return undefined;
    }
  }

  #iterable(node: JinjaNode, scope: Scope): unknown {
    const iterable = node["iterable"] as JinjaNode;
    return this.#value(iterable.type === "SelectExpression" ? iterable["lhs"] : iterable, scope);
  }

  #for(node: JinjaNode, scope: Scope, value: unknown, depth0: number): string {
    const iterable = node["iterable"] as JinjaNode;
    const target = node["loopvar"] as JinjaNode;
    this.spend(lengthOf(value));
    let items = iterate(value);
    if (iterable.type === "SelectExpression")
      items = items.filter((item) => {
        const inner = new Scope(scope);
        this.#bind(target, item, inner);
        return isTrue(this.#value(iterable["test"], inner));
      });
    if (items.length === 0) return this.#body(node["defaultBlock"] as JinjaNode[], new Scope(scope));
    const loop = new Loop(
      items,
      depth0,
      node["recursive"] ? (children) => this.#for(node, scope, children, depth0 + 1) : undefined,
    );
    let text = "";
    for (let i = 0; i < items.length; i++) {
      this.spend(3);
      const inner = new Scope(scope);
      loop.index0 = i;
      inner.set("loop", loop);
      this.#bind(target, items[i], inner);
      try {
        text += this.#body(node["body"] as JinjaNode[], inner);
      } catch (error) {
        if (!(error instanceof LoopControl)) throw error;
        text += error.text;
        if (error.kind === "Break") break;
      }
      this.bound(text.length);
    }
    return text;
  }

  #bind(target: JinjaNode, value: unknown, scope: Scope): void {
    if (target.type === "Identifier") return scope.set(target["value"] as string, value);
    const targets = target["value"] as JinjaNode[];
    const items = iterate(value);
    if (items.length !== targets.length)
      throw new JinjaRuntimeError(`${items.length} values cannot be given to ${targets.length} names`);
    targets.forEach((one, i) => this.#bind(one, items[i], scope));
  }

  #set(node: JinjaNode, scope: Scope): void {
    const assignee = node["assignee"] as JinjaNode;
    const value = isNode(node["value"])
      ? this.#value(node["value"], scope)
      : this.#body(node["body"] as JinjaNode[], scope);
    if (assignee.type !== "MemberExpression") return this.#bind(assignee, value, scope);
    const space = this.#value(assignee["object"], scope);
    if (!(space instanceof Namespace))
      throw new JinjaRuntimeError(`an attribute can be set in a namespace only, not in ${typeName(space)}`);
    measureValue([value], this.#sizes, this.#limits.characters);
    space.attributes.set((assignee["property"] as JinjaNode)["value"] as string, value);
  }

  /** A macro, or the body of a call block as one. */
  #macro(node: JinjaNode, parameters: "args" | "callerArgs", scope: Scope): Callable {
    const params = node[parameters] as JinjaNode[];
    return new Callable((args, kwargs) => {
      const inner = new Scope(scope);
      const rest = new Map(kwargs);
      params.forEach((param, i) => {
        const isKeyword = param.type === "KeywordArgumentExpression";
        const name = (isKeyword ? (param["key"] as JinjaNode) : param)["value"] as string;
        if (i < args.length) inner.set(name, args[i]);
        else if (rest.has(name)) inner.set(name, rest.get(name));
        else if (isKeyword) inner.set(name, this.#value(param["value"], inner));
        else inner.set(name, new Undefined(name));
        rest.delete(name);
      });
      if (rest.has("caller")) inner.set("caller", rest.get("caller"));
      rest.delete("caller");
      inner.set("varargs", args.slice(params.length));
      inner.set("kwargs", rest);
      return this.#body(node["body"] as JinjaNode[], inner);
    });
  }

  // Expressions

  #enter(): void {
    if (++this.#depth > MAX_DEPTH)
      throw new JinjaRuntimeError("the template is nested too deeply, or a macro calls itself for ever");
    this.spend(1);
  }

  /** A value that is there; a function is none. */
  #value(node: unknown, scope: Scope): unknown {
    return this.#evaluate(node as JinjaNode, scope);
  }

  #evaluate(node: JinjaNode, scope: Scope): unknown {
    this.#enter();
    try {
      const value = this.#raw(node, scope);
      if (node.type === "Identifier" || node.type === "MemberExpression") {
        if (value instanceof Undefined || value === undefined)
          throw new JinjaRuntimeError(`${describe(node)} has no value`, describeName(node));
        if (value instanceof Callable)
          throw new JinjaRuntimeError(`${describe(node)} is a function; call it with ()`);
      }
      return this.#checked(value);
    } finally {
      this.#depth--;
    }
  }

  #checked(value: unknown): unknown {
    if (typeof value === "string") {
      this.bound(value.length);
      this.spend(value.length >> 8);
    } else if (typeof value === "object" && value !== null && (Array.isArray(value) || isDict(value))) {
      const known = this.#sizes.has(value);
      this.spend(known ? lengthOf(value) >> 5 : lengthOf(value));
      measureValue(value, this.#sizes, this.#limits.characters);
    } else if (value instanceof Namespace) measureValue(value, this.#sizes, this.#limits.characters);
    return value;
  }

  #raw(node: JinjaNode, scope: Scope): unknown {
    switch (node.type) {
      case "Constant":
      case "StringLiteral":
      case "IntegerLiteral":
        return node["value"];
      case "FloatLiteral":
        return float(node["value"] as number);
      case "Identifier": {
        const name = node["value"] as string;
        const value = scope.get(name);
        return value === undefined ? new Undefined(name) : value;
      }
      case "ArrayLiteral":
      case "TupleLiteral":
        return (node["value"] as JinjaNode[]).map((item) => this.#value(item, scope));
      case "ObjectLiteral":
        return new Map(
          [...(node["value"] as Map<JinjaNode, JinjaNode>)].map(([key, value]) => [
            this.#value(key, scope),
            this.#value(value, scope),
          ]),
        );
      case "MemberExpression":
        return this.#memberOf(node, this.#holder(node["object"] as JinjaNode, scope), scope);
      case "CallExpression": {
        const { args, kwargs } = this.#arguments(node["args"] as JinjaNode[], scope);
        return this.#function(node["callee"] as JinjaNode, scope).call(args, kwargs);
      }
      case "UnaryExpression":
        return this.#unary(node, scope);
      case "BinaryExpression":
        return this.#binary(node, scope);
      case "Ternary": {
        if (isTrue(this.#value(node["condition"], scope))) return this.#value(node["trueExpr"], scope);
        return node["falseExpr"] ? this.#value(node["falseExpr"], scope) : new Undefined();
      }
      case "FilterExpression": {
        const filter = node["filter"] as JinjaNode;
        const name = filterName(filter);
        const operand = node["operand"] as JinjaNode;
        const isLenient = name === "default" || name === "d";
        const value = isLenient ? this.#lenient(operand, scope) : this.#value(operand, scope);
        return this.#filtered(filter, value, scope);
      }
      case "TestExpression": {
        const name = (node["test"] as JinjaNode)["value"] as string;
        const operand = node["operand"] as JinjaNode;
        const isLenient = name === "defined" || name === "undefined" || name === "callable";
        const value = isLenient ? this.#lenient(operand, scope) : this.#value(operand, scope);
        const { args } = this.#arguments(node["args"] as JinjaNode[], scope);
        return this.test(name, value, args) !== node["negate"];
      }
      default:
        throw new JinjaRuntimeError(`"${node.type}" cannot be computed`);
    }
  }

  /** A value of which one part is wanted: reading it goes through none of the others. */
  #holder(node: JinjaNode, scope: Scope): unknown {
    if (node.type !== "Identifier") return this.#value(node, scope);
    this.spend(1);
    const value = scope.get(node["value"] as string);
    if (value === undefined || value instanceof Undefined || value instanceof Callable)
      return this.#value(node, scope);
    return value;
  }

  /** A name or an attribute that may be missing; inside of it, nothing else may. */
  #lenient(node: JinjaNode, scope: Scope): unknown {
    if (node.type === "Identifier" || node.type === "MemberExpression") return this.#raw(node, scope);
    return this.#value(node, scope);
  }

  #memberOf(node: JinjaNode, object: unknown, scope: Scope): unknown {
    const property = node["property"] as JinjaNode;
    if (!node["computed"]) return this.#member(object, property["value"] as string);
    if (property.type !== "SliceExpression") return this.#item(object, this.#value(property, scope));
    const part = (name: string) => property[name] && this.#value(property[name], scope);
    if (typeof object === "string") this.spend(object.length >> 3);
    return slice(object, part("start"), part("stop"), part("step"));
  }

  /** `object.name`: an item of an object comes before a method, which is only looked for where it is called. */
  #member(object: unknown, name: string): unknown {
    if (object instanceof Loop) return object.get(name) ?? new Undefined(`loop.${name}`);
    if (object instanceof Namespace) return object.attributes.get(name) ?? new Undefined(name);
    if (object instanceof Group && (name === "grouper" || name === "list")) return object[name];
    const found = isDict(object) ? itemOf(object, name) : undefined;
    if (found !== undefined) return found;
    const method = methodOf(this, object, name);
    return method ? new Callable(method) : new Undefined(name);
  }

  #item(object: unknown, key: unknown): unknown {
    if (object instanceof Namespace || object instanceof Loop) return this.#member(object, textOf(key));
    if (isDict(object)) return itemOf(object, isNumber(key) ? numberOf(key) : key) ?? new Undefined();
    if (!isNumber(key) || isFloat(key)) return new Undefined();
    const at = numberOf(key);
    if (typeof object === "string") {
      this.spend(object.length >> 5);
      return [...object].at(at) ?? new Undefined();
    }
    return Array.isArray(object) && at >= -object.length
      ? (object.at(at) ?? new Undefined())
      : new Undefined();
  }

  /** A function may be called, never printed or passed on. */
  #function(callee: JinjaNode, scope: Scope): Callable {
    let found: unknown;
    if (callee.type === "Identifier") found = scope.get(callee["value"] as string);
    else if (callee.type !== "MemberExpression")
      throw new JinjaRuntimeError("only a name or a method can be called");
    else {
      if (callee["computed"])
        throw new JinjaRuntimeError("a method is called with a dot, as in text.upper()");
      const object = this.#holder(callee["object"] as JinjaNode, scope);
      const name = (callee["property"] as JinjaNode)["value"] as string;
      const method = isDict(object) ? methodOf(this, object, name) : undefined;
      found = method ? new Callable(method) : this.#member(object, name);
    }
    if (found instanceof Loop) {
      const loop = found;
      return new Callable(([children]) => {
        const text = loop.call(children);
        if (text === undefined) throw new JinjaRuntimeError('"loop" is called in a recursive loop only');
        return text;
      });
    }
    if (!(found instanceof Callable)) {
      if (found === undefined || found instanceof Undefined)
        throw new JinjaRuntimeError(`${describe(callee)} has no value`, describeName(callee));
      throw new JinjaRuntimeError(`${describe(callee)} is not a function that can be called here`);
    }
    return found;
  }

  #arguments(given: readonly JinjaNode[], scope: Scope): { args: unknown[]; kwargs: Map<string, unknown> } {
    const args: unknown[] = [];
    const kwargs = new Map<string, unknown>();
    for (const arg of given) {
      if (arg.type === "KeywordArgumentExpression")
        kwargs.set((arg["key"] as JinjaNode)["value"] as string, this.#value(arg["value"], scope));
      else if (arg.type === "SpreadExpression") args.push(...iterate(this.#value(arg["argument"], scope)));
      else if (arg.type === "KeywordSpreadExpression") {
        const more = this.#value(arg["argument"], scope);
        for (const key of iterate(more)) kwargs.set(textOf(key), this.#item(more, key));
      } else args.push(this.#value(arg, scope));
    }
    return { args, kwargs };
  }

  #filtered(filter: JinjaNode, value: unknown, scope: Scope): unknown {
    const given = filter.type === "CallExpression" ? (filter["args"] as JinjaNode[]) : [];
    const { args, kwargs } = this.#arguments(given, scope);
    if (typeof value === "string") this.spend(value.length >> 6);
    return this.filter(filterName(filter), value, args, kwargs);
  }

  #unary(node: JinjaNode, scope: Scope): unknown {
    const operator = (node["operator"] as { value: string }).value;
    const value = this.#value(node["argument"], scope);
    if (operator === "not") return !isTrue(value);
    if (!isNumber(value)) throw new JinjaRuntimeError(`"${operator}" needs a number, not ${typeName(value)}`);
    const signed = operator === "-" ? -numberOf(value) : numberOf(value);
    return isFloat(value) ? float(signed) : signed + 0;
  }

  #binary(node: JinjaNode, scope: Scope): unknown {
    const operator = (node["operator"] as { value: string }).value;
    const left = this.#value(node["left"], scope);
    if (operator === "and") return isTrue(left) ? this.#value(node["right"], scope) : left;
    if (operator === "or") return isTrue(left) ? left : this.#value(node["right"], scope);
    const right = this.#value(node["right"], scope);
    // Python fills a format's places with the items of a tuple; a list is one value.
    const isOneValue =
      operator === "%" && Array.isArray(right) && isListFor(left, node["right"] as JinjaNode);
    return operate(this, operator, left, isOneValue ? [right] : right);
  }
}

/** The name of a filter, which may be called. */
export function filterName(filter: JinjaNode): string {
  return String((filter.type === "CallExpression" ? (filter["callee"] as JinjaNode) : filter)["value"]);
}

/**
 * Whether a list behind `%` is a list in Python too. Where it was not written as a tuple nobody knows; with one place
 * it can hardly be anything else.
 */
function isListFor(format: unknown, written: JinjaNode): boolean {
  if (typeof format !== "string" || written.type === "TupleLiteral") return false;
  return written.type === "ArrayLiteral" || format.replaceAll("%%", "").split("%").length === 2;
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
