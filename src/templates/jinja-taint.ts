import type { JinjaNode, JinjaProgram } from "./jinja-engine.ts";
import { dataChildren, parameterName, targetNames } from "./jinja-names.ts";
import { isNode, walk } from "./jinja-syntax.ts";

/**
 * Which output places of a template can print an untrusted value, and of which variables. The value
 * may come by `set`, a loop, a namespace, a macro or a filter: the analysis takes no account of order
 * or branches, so it may name a place too many, never one too few.
 *
 * Places inside a macro, a `{% set %}` block or a `{% filter %}` block are not listed: what they make
 * is marked where it is finally printed, after every filter, so that no filter can touch the delimiters.
 */
export function untrustedOutputs(
  program: JinjaProgram,
  untrusted: ReadonlySet<string>,
): Map<JinjaNode, readonly string[]> {
  const origins = new Map<string, Set<string>>();
  for (const name of untrusted) origins.set(name, new Set([name]));
  if (origins.size > 0) while (spread(program, origins));
  const outputs = new Map<JinjaNode, readonly string[]>();
  if (origins.size > 0) collect(program.body);
  return outputs;

  function collect(nodes: readonly JinjaNode[]): void {
    for (const node of nodes) {
      if (node.type === "If") {
        collect(node["body"] as JinjaNode[]);
        collect(node["alternate"] as JinjaNode[]);
      } else if (node.type === "For") {
        collect(node["body"] as JinjaNode[]);
        collect(node["defaultBlock"] as JinjaNode[]);
      } else if (node.type !== "Set" && node.type !== "Macro") {
        const from = mentioned(node, origins);
        if (from.size > 0) outputs.set(node, [...from].sort());
      }
    }
  }
}

/** One round of passing origins on from what is read to what is bound; false when nothing was new. */
function spread(program: JinjaProgram, origins: Map<string, Set<string>>): boolean {
  let changed = false;
  const flow = (names: Iterable<string>, from: ReadonlySet<string>) => {
    for (const name of names)
      for (const origin of from) {
        let known = origins.get(name);
        if (!known) origins.set(name, (known = new Set()));
        if (!known.has(origin)) {
          known.add(origin);
          changed = true;
        }
      }
  };
  const parameters = new Set<string>(["varargs", "kwargs", "caller"]);
  const bound = new Set<string>();
  walk(program, (node) => {
    if (node.type === "Macro" || node.type === "CallStatement")
      for (const arg of (node["args"] ?? node["callerArgs"] ?? []) as JinjaNode[])
        for (const name of targetNames(parameterName(arg))) parameters.add(name);
    if (node.type === "Set") for (const name of assignedNames(node["assignee"] as JinjaNode)) bound.add(name);
    if (node.type === "For") for (const name of targetNames(node["loopvar"] as JinjaNode)) bound.add(name);
    for (const name of parameters) bound.add(name);
  });
  walk(program, (node) => {
    if (node.type === "Set") {
      const from = mentioned([node["value"], node["body"]], origins);
      const assignee = node["assignee"] as JinjaNode;
      // A namespace can have other names (`set b = a`, a macro's parameter), so what is put into one
      // may come out of any bound name.
      flow(assignee.type === "MemberExpression" ? bound : targetNames(assignee), from);
    } else if (node.type === "For")
      flow(["loop", ...targetNames(node["loopvar"] as JinjaNode)], mentioned(node["iterable"], origins));
    else if (node.type === "Macro")
      flow(targetNames(node["name"] as JinjaNode), mentioned([node["args"], node["body"]], origins));
    else if (node.type === "CallExpression") flow(parameters, mentioned(node["args"], origins));
    else if (node.type === "CallStatement") flow(["caller"], mentioned(node["body"], origins));
  });
  return changed;
}

function mentioned(node: unknown, origins: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(visit);
    else if (isNode(part)) {
      if (part.type === "Identifier")
        for (const origin of origins.get(part["value"] as string) ?? []) found.add(origin);
      else dataChildren(part).forEach(visit);
    }
  };
  visit(node);
  return found;
}

/** `a`, `a, b`, or the namespace in `ns.a`. */
function assignedNames(assignee: JinjaNode): string[] {
  let target = assignee;
  while (target.type === "MemberExpression") target = target["object"] as JinjaNode;
  return targetNames(target);
}
