import { counted } from "../../domain/text/counted.ts";
import { delimit } from "../untrusted.ts";
import type { JinjaLimits } from "./bounded-values.ts";
import { Evaluator } from "./evaluator.ts";
import type { OwnFilters } from "./filter.ts";
import { isNode, JinjaRuntimeError, type JinjaNode, type JinjaProgram } from "./nodes.ts";
import { Callable, isTrue, iterate, lengthOf, Namespace, textOf, typeName, Undefined } from "./python.ts";
import { Loop, Scope } from "./scope.ts";

/** `{% break %}` and `{% continue %}`, on their way to their loop, with what was printed before. */
class LoopControl extends Error {
  readonly kind: "Break" | "Continue";
  text = "";
  constructor(kind: "Break" | "Continue") {
    super(`{% ${kind.toLowerCase()} %} stands outside of a loop`);
    this.kind = kind;
  }
}

/** Runs a template: its texts, statements and blocks, with what expressions give. */
export class Interpreter extends Evaluator {
  readonly #marked: ReadonlyMap<JinjaNode, readonly string[]>;

  constructor(
    limits: JinjaLimits,
    marked: ReadonlyMap<JinjaNode, readonly string[]>,
    ownFilters?: OwnFilters,
  ) {
    super(limits, ownFilters);
    this.#marked = marked;
  }

  run(program: JinjaProgram, scope: Scope): string {
    return this.body(program.body, scope);
  }

  protected body(nodes: readonly JinjaNode[], scope: Scope): string {
    let text = "";
    for (const node of nodes) {
      try {
        text += node.type === "StringLiteral" ? (node["value"] as string) : this.output(node, scope);
      } catch (error) {
        if (error instanceof LoopControl) error.text = text + error.text;
        throw error;
      }
      this.bound(text.length);
    }
    return text;
  }

  protected output(node: JinjaNode, scope: Scope): string {
    this.enter();
    try {
      const names = this.#marked.get(node);
      const text = this.statement(node, scope) ?? this.printed(this.evaluate(node, scope));
      return names && text !== null ? delimit(names.join(","), text) : (text ?? "");
    } finally {
      this.depth--;
    }
  }

  /** Null where there is nothing to print, and so nothing to delimit either. */
  protected printed(value: unknown): string | null {
    if (value === null) return null;
    if (value instanceof Undefined) return null;
    const text = textOf(value);
    this.spend(text.length >> 8);
    return text.toWellFormed();
  }

  /** What a block prints; undefined for an expression. */
  protected statement(node: JinjaNode, scope: Scope): string | undefined {
    switch (node.type) {
      case "If": {
        const branch = isTrue(this.value(node["test"], scope)) ? "body" : "alternate";
        return this.body(node[branch] as JinjaNode[], scope);
      }
      case "For":
        return this.for(node, scope, this.iterable(node, scope), 0);
      case "Set":
        this.set(node, scope);
        return "";
      case "With": {
        const inner = new Scope(scope);
        const values = (node["values"] as JinjaNode[]).map((value) => this.value(value, scope));
        (node["targets"] as JinjaNode[]).forEach((target, i) =>
          inner.set(target["value"] as string, values[i]),
        );
        return this.body(node["body"] as JinjaNode[], inner);
      }
      case "Macro":
        scope.set((node["name"] as JinjaNode)["value"] as string, this.macro(node, "args", scope));
        return "";
      case "CallStatement": {
        const { callee, args } = node["call"] as JinjaNode & { callee: JinjaNode; args: JinjaNode[] };
        const given = this.argumentsOf(args, scope);
        given.kwargs.set("caller", this.macro(node, "callerArgs", scope));
        return textOf(this.callable(callee, scope).call(given.args, given.kwargs));
      }
      case "FilterStatement": {
        const text = this.body(node["body"] as JinjaNode[], scope);
        return textOf(this.filtered(node["filter"] as JinjaNode, text, scope));
      }
      case "Break":
      case "Continue":
        throw new LoopControl(node.type);
      default:
        return undefined;
    }
  }

  protected iterable(node: JinjaNode, scope: Scope): unknown {
    const iterable = node["iterable"] as JinjaNode;
    return this.value(iterable.type === "SelectExpression" ? iterable["lhs"] : iterable, scope);
  }

  protected for(node: JinjaNode, scope: Scope, value: unknown, depth0: number): string {
    const iterable = node["iterable"] as JinjaNode;
    const target = node["loopvar"] as JinjaNode;
    this.spend(lengthOf(value));
    let items = iterate(value);
    if (iterable.type === "SelectExpression")
      items = items.filter((item) => {
        const inner = new Scope(scope);
        this.bind(target, item, inner);
        return isTrue(this.value(iterable["test"], inner));
      });
    if (items.length === 0) return this.body(node["defaultBlock"] as JinjaNode[], new Scope(scope));
    const loop = new Loop(
      items,
      depth0,
      node["recursive"] ? (children) => this.for(node, scope, children, depth0 + 1) : undefined,
    );
    let text = "";
    for (let i = 0; i < items.length; i++) {
      this.spend(3);
      const inner = new Scope(scope);
      loop.index0 = i;
      inner.set("loop", loop);
      this.bind(target, items[i], inner);
      try {
        text += this.body(node["body"] as JinjaNode[], inner);
      } catch (error) {
        if (!(error instanceof LoopControl)) throw error;
        text += error.text;
        if (error.kind === "Break") break;
      }
      this.bound(text.length);
    }
    return text;
  }

  protected bind(target: JinjaNode, value: unknown, scope: Scope): void {
    if (target.type === "Identifier") return scope.set(target["value"] as string, value);
    const targets = target["value"] as JinjaNode[];
    const items = iterate(value);
    if (items.length !== targets.length)
      throw new JinjaRuntimeError(
        `${counted(items.length, "value")} cannot be given to ${counted(targets.length, "name")}`,
      );
    targets.forEach((one, i) => this.bind(one, items[i], scope));
  }

  protected set(node: JinjaNode, scope: Scope): void {
    const assignee = node["assignee"] as JinjaNode;
    const value = isNode(node["value"])
      ? this.value(node["value"], scope)
      : this.body(node["body"] as JinjaNode[], scope);
    if (assignee.type !== "MemberExpression") return this.bind(assignee, value, scope);
    const space = this.value(assignee["object"], scope);
    if (!(space instanceof Namespace))
      throw new JinjaRuntimeError(`an attribute can be set in a namespace only, not in ${typeName(space)}`);
    this.measure([value]);
    space.attributes.set((assignee["property"] as JinjaNode)["value"] as string, value);
  }

  /** A macro, or the body of a call block as one. */
  protected macro(node: JinjaNode, parameters: "args" | "callerArgs", scope: Scope): Callable {
    const params = node[parameters] as JinjaNode[];
    return new Callable((args, kwargs) => {
      const inner = new Scope(scope);
      const rest = new Map(kwargs);
      params.forEach((param, i) => {
        const isKeyword = param.type === "KeywordArgumentExpression";
        const name = (isKeyword ? (param["key"] as JinjaNode) : param)["value"] as string;
        if (i < args.length) inner.set(name, args[i]);
        else if (rest.has(name)) inner.set(name, rest.get(name));
        else if (isKeyword) inner.set(name, this.value(param["value"], inner));
        else inner.set(name, new Undefined(name));
        rest.delete(name);
      });
      if (rest.has("caller")) inner.set("caller", rest.get("caller"));
      rest.delete("caller");
      inner.set("varargs", args.slice(params.length));
      inner.set("kwargs", rest);
      return this.body(node["body"] as JinjaNode[], inner);
    });
  }
}
