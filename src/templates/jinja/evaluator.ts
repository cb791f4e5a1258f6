import { BoundedValues } from "./bounded-values.ts";
import { methodOf } from "./methods.ts";
import { JinjaRuntimeError, type JinjaNode } from "./nodes.ts";
import { operate, slice } from "./operators.ts";
import {
  Callable,
  float,
  isDict,
  isFloat,
  isNumber,
  isTrue,
  iterate,
  numberOf,
  textOf,
  typeName,
  Undefined,
} from "./python.ts";
import { Loop, type Scope } from "./scope.ts";

/** Blocks and expressions within each other, macro calls included. */
const MAX_DEPTH = 300;

/** Computes expressions; a value that is not there is an error unless it is asked for (`is defined`, `default`). */
export class Evaluator extends BoundedValues {
  protected depth = 0;

  protected enter(): void {
    if (++this.depth > MAX_DEPTH)
      throw new JinjaRuntimeError("the template is nested too deeply, or a macro calls itself for ever");
    this.spend(1);
  }

  /** A value that is there; a function is none. */
  protected value(node: unknown, scope: Scope): unknown {
    return this.evaluate(node as JinjaNode, scope);
  }

  protected evaluate(node: JinjaNode, scope: Scope): unknown {
    this.enter();
    try {
      const value = this.raw(node, scope);
      if (node.type === "Identifier" || node.type === "MemberExpression") {
        if (value instanceof Undefined || value === undefined)
          throw new JinjaRuntimeError(`${describe(node)} has no value`, describeName(node));
        if (value instanceof Callable)
          throw new JinjaRuntimeError(`${describe(node)} is a function; call it with ()`);
      }
      return this.checked(value);
    } finally {
      this.depth--;
    }
  }

  protected raw(node: JinjaNode, scope: Scope): unknown {
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
        return (node["value"] as JinjaNode[]).map((item) => this.value(item, scope));
      case "ObjectLiteral":
        return new Map(
          [...(node["value"] as Map<JinjaNode, JinjaNode>)].map(([key, value]) => [
            this.value(key, scope),
            this.value(value, scope),
          ]),
        );
      case "MemberExpression":
        return this.memberOf(node, this.holder(node["object"] as JinjaNode, scope), scope);
      case "CallExpression": {
        const { args, kwargs } = this.argumentsOf(node["args"] as JinjaNode[], scope);
        return this.callable(node["callee"] as JinjaNode, scope).call(args, kwargs);
      }
      case "UnaryExpression":
        return this.unary(node, scope);
      case "BinaryExpression":
        return this.binary(node, scope);
      case "Ternary": {
        if (isTrue(this.value(node["condition"], scope))) return this.value(node["trueExpr"], scope);
        return node["falseExpr"] ? this.value(node["falseExpr"], scope) : new Undefined();
      }
      case "FilterExpression": {
        const filter = node["filter"] as JinjaNode;
        const name = filterName(filter);
        const operand = node["operand"] as JinjaNode;
        const isLenient = name === "default" || name === "d";
        const value = isLenient ? this.lenient(operand, scope) : this.value(operand, scope);
        return this.filtered(filter, value, scope);
      }
      case "TestExpression": {
        const name = (node["test"] as JinjaNode)["value"] as string;
        const operand = node["operand"] as JinjaNode;
        const isLenient = name === "defined" || name === "undefined" || name === "callable";
        const value = isLenient ? this.lenient(operand, scope) : this.value(operand, scope);
        const { args } = this.argumentsOf(node["args"] as JinjaNode[], scope);
        return this.test(name, value, args) !== node["negate"];
      }
      default:
        throw new JinjaRuntimeError(`"${node.type}" cannot be computed`);
    }
  }

  /** A value of which one part is wanted: reading it goes through none of the others. */
  protected holder(node: JinjaNode, scope: Scope): unknown {
    if (node.type !== "Identifier") return this.value(node, scope);
    this.spend(1);
    const value = scope.get(node["value"] as string);
    if (value === undefined || value instanceof Undefined || value instanceof Callable)
      return this.value(node, scope);
    return value;
  }

  /** A name or an attribute that may be missing; inside of it, nothing else may. */
  protected lenient(node: JinjaNode, scope: Scope): unknown {
    if (node.type === "Identifier" || node.type === "MemberExpression") return this.raw(node, scope);
    return this.value(node, scope);
  }

  protected memberOf(node: JinjaNode, object: unknown, scope: Scope): unknown {
    const property = node["property"] as JinjaNode;
    if (!node["computed"]) return this.member(object, property["value"] as string);
    if (property.type !== "SliceExpression") return this.item(object, this.value(property, scope));
    const part = (name: string) => property[name] && this.value(property[name], scope);
    if (typeof object === "string") this.spend(object.length >> 3);
    return slice(object, part("start"), part("stop"), part("step"));
  }

  /** A function may be called, never printed or passed on. */
  protected callable(callee: JinjaNode, scope: Scope): Callable {
    let found: unknown;
    if (callee.type === "Identifier") found = scope.get(callee["value"] as string);
    else if (callee.type !== "MemberExpression")
      throw new JinjaRuntimeError("only a name or a method can be called");
    else {
      if (callee["computed"])
        throw new JinjaRuntimeError("a method is called with a dot, as in text.upper()");
      const object = this.holder(callee["object"] as JinjaNode, scope);
      const name = (callee["property"] as JinjaNode)["value"] as string;
      const method = isDict(object) ? methodOf(this, object, name) : undefined;
      found = method ? new Callable(method) : this.member(object, name);
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

  protected argumentsOf(
    given: readonly JinjaNode[],
    scope: Scope,
  ): { args: unknown[]; kwargs: Map<string, unknown> } {
    const args: unknown[] = [];
    const kwargs = new Map<string, unknown>();
    for (const arg of given) {
      if (arg.type === "KeywordArgumentExpression")
        kwargs.set((arg["key"] as JinjaNode)["value"] as string, this.value(arg["value"], scope));
      else if (arg.type === "SpreadExpression") args.push(...iterate(this.value(arg["argument"], scope)));
      else if (arg.type === "KeywordSpreadExpression") {
        const more = this.value(arg["argument"], scope);
        for (const key of iterate(more)) kwargs.set(textOf(key), this.item(more, key));
      } else args.push(this.value(arg, scope));
    }
    return { args, kwargs };
  }

  protected filtered(filter: JinjaNode, value: unknown, scope: Scope): unknown {
    const given = filter.type === "CallExpression" ? (filter["args"] as JinjaNode[]) : [];
    const { args, kwargs } = this.argumentsOf(given, scope);
    if (typeof value === "string") this.spend(value.length >> 6);
    return this.filter(filterName(filter), value, args, kwargs);
  }

  protected unary(node: JinjaNode, scope: Scope): unknown {
    const operator = (node["operator"] as { value: string }).value;
    const value = this.value(node["argument"], scope);
    if (operator === "not") return !isTrue(value);
    if (!isNumber(value)) throw new JinjaRuntimeError(`"${operator}" needs a number, not ${typeName(value)}`);
    const signed = operator === "-" ? -numberOf(value) : numberOf(value);
    return isFloat(value) ? float(signed) : signed + 0;
  }

  protected binary(node: JinjaNode, scope: Scope): unknown {
    const operator = (node["operator"] as { value: string }).value;
    const left = this.value(node["left"], scope);
    if (operator === "and") return isTrue(left) ? this.value(node["right"], scope) : left;
    if (operator === "or") return isTrue(left) ? left : this.value(node["right"], scope);
    const right = this.value(node["right"], scope);
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
