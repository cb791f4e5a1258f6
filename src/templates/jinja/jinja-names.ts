import { isNode, type JinjaNode, type JinjaProgram } from "./nodes.ts";

/** Names that every jinja template has without declaring them. */
export const JINJA_GLOBALS: ReadonlySet<string> = new Set([
  "true",
  "false",
  "none",
  "True",
  "False",
  "None",
  "range",
  "namespace",
  "raise_exception",
]);

/**
 * The variables that a template takes from outside: every name it reads where no `set`, `for`,
 * macro or parameter has bound it before, apart from {@link JINJA_GLOBALS}.
 */
export function freeNames(program: JinjaProgram): Set<string> {
  const free = new Set<string>();
  const topLevel = new Set<string>();
  const deferred: (() => void)[] = [];
  visitAll(program.body, new Scope(), topLevel);
  for (const later of deferred) later();
  return free;

  function read(name: string, scope: Scope, hoisted?: ReadonlySet<string>): void {
    if (!scope.has(name) && !hoisted?.has(name) && !JINJA_GLOBALS.has(name)) free.add(name);
  }

  function visitAll(nodes: unknown, scope: Scope, hoist?: Set<string>, hoisted?: ReadonlySet<string>): void {
    for (const node of (nodes ?? []) as JinjaNode[]) visit(node, scope, hoist, hoisted);
  }

  function bind(target: JinjaNode, scope: Scope, hoist?: Set<string>): void {
    for (const name of targetNames(target)) {
      scope.add(name);
      hoist?.add(name);
    }
  }

  function visit(node: unknown, scope: Scope, hoist?: Set<string>, hoisted?: ReadonlySet<string>): void {
    if (Array.isArray(node)) return visitAll(node, scope, hoist, hoisted);
    if (!isNode(node)) return;
    switch (node.type) {
      case "Identifier":
        return read(node["value"] as string, scope, hoisted);
      case "Set": {
        visit(node["value"], scope, hoist, hoisted);
        visitAll(node["body"], scope, hoist, hoisted);
        const assignee = node["assignee"] as JinjaNode;
        if (assignee.type === "MemberExpression") return visit(assignee, scope, hoist, hoisted);
        return bind(assignee, scope, hoist);
      }
      case "For": {
        const iterable = node["iterable"] as JinjaNode;
        const inner = new Scope(scope);
        const select = iterable.type === "SelectExpression";
        visit(select ? iterable["lhs"] : iterable, scope, hoist, hoisted);
        bind(node["loopvar"] as JinjaNode, inner);
        if (select) visit(iterable["test"], inner, undefined, hoisted);
        inner.add("loop");
        visitAll(node["body"], inner, undefined, hoisted);
        return visitAll(node["defaultBlock"], new Scope(scope), undefined, hoisted);
      }
      case "With": {
        visitAll(node["values"], scope, hoist, hoisted);
        const inner = new Scope(scope);
        for (const target of node["targets"] as JinjaNode[]) bind(target, inner);
        return visitAll(node["body"], inner, undefined, hoisted);
      }
      case "Macro": {
        bind(node["name"] as JinjaNode, scope, hoist);
        return visitMacro(node["args"], node["body"], scope, true);
      }
      case "CallStatement": {
        visit(node["call"], scope, hoist, hoisted);
        return visitMacro(node["callerArgs"], node["body"], scope, false);
      }
      default:
        for (const child of dataChildren(node)) visit(child, scope, hoist, hoisted);
    }
  }

  /** A macro's body runs when it is called, so it may read what the template sets further down. */
  function visitMacro(args: unknown, body: unknown, scope: Scope, isMacro: boolean): void {
    deferred.push(() => {
      const inner = new Scope(scope);
      for (const name of ["varargs", "kwargs", ...(isMacro ? ["caller"] : [])]) inner.add(name);
      for (const arg of (args ?? []) as JinjaNode[]) {
        if (arg.type === "KeywordArgumentExpression") visit(arg["value"], inner, undefined, topLevel);
        bind(parameterName(arg), inner);
      }
      visitAll(body, inner, undefined, topLevel);
    });
  }
}

/** Every name that is read or bound as a value anywhere in a part of a template. */
export function namesIn(root: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (isNode(part)) {
      if (part.type === "Identifier") names.add(part["value"] as string);
      else dataChildren(part).forEach(visit);
    }
  };
  visit(root);
  return names;
}

class Scope {
  #names = new Set<string>();
  #outer: Scope | undefined;
  constructor(outer?: Scope) {
    this.#outer = outer;
  }
  add(name: string): void {
    this.#names.add(name);
  }
  has(name: string): boolean {
    return this.#names.has(name) || (this.#outer?.has(name) ?? false);
  }
}

/** The names that a `set`, a `for` or a macro binds. */
export function targetNames(target: JinjaNode): string[] {
  if (target.type === "Identifier") return [target["value"] as string];
  if (target.type === "TupleLiteral") return (target["value"] as JinjaNode[]).flatMap(targetNames);
  return [];
}

export function parameterName(parameter: JinjaNode): JinjaNode {
  return parameter.type === "KeywordArgumentExpression" ? (parameter["key"] as JinjaNode) : parameter;
}

/** The parts of a node that are read as values: not the names of attributes, filters, tests or keyword arguments. */
export function dataChildren(node: JinjaNode): unknown[] {
  switch (node.type) {
    case "MemberExpression":
      return [node["object"], ...(node["computed"] ? [node["property"]] : [])];
    case "FilterExpression":
      return [node["operand"], ...filterArguments(node)];
    case "FilterStatement":
      return [node["body"], ...filterArguments(node)];
    case "TestExpression":
      return [node["operand"], node["args"]];
    case "KeywordArgumentExpression":
      return [node["value"]];
    // Their operator is a token, and that of `and`, `in` and `not` looks like an identifier.
    case "BinaryExpression":
      return [node["left"], node["right"]];
    case "UnaryExpression":
      return [node["argument"]];
    case "ObjectLiteral":
      return [...(node["value"] as Map<JinjaNode, JinjaNode>)].flat();
    default:
      return Object.values(node).filter((child) => typeof child === "object");
  }
}

function filterArguments(node: JinjaNode): unknown[] {
  const filter = node["filter"] as JinjaNode;
  return filter.type === "CallExpression" ? [filter["args"]] : [];
}
