import { namesIn, parameterName, targetNames } from "./jinja-names.ts";
import { walk, type JinjaNode, type JinjaProgram } from "./nodes.ts";

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
  if (origins.size > 0) spread(program, origins);
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
      } else if (node.type === "With") collect(node["body"] as JinjaNode[]);
      else if (node.type !== "Set" && node.type !== "Macro") {
        const from = mentioned(node, origins);
        if (from.size > 0) outputs.set(node, [...from].sort());
      }
    }
  }
}

/** From the names that a place reads to those that it binds. */
interface Flow {
  readonly from: ReadonlySet<string>;
  readonly to: Iterable<string>;
}

/** Passes origins on from what is read to what is bound, until there is nothing new. */
function spread(program: JinjaProgram, origins: Map<string, Set<string>>): void {
  const flows = findFlows(program);
  for (let changed = true; changed;) {
    changed = false;
    for (const { from, to } of flows)
      for (const source of from)
        for (const origin of origins.get(source) ?? [])
          for (const name of to) {
            let known = origins.get(name);
            if (!known) origins.set(name, (known = new Set()));
            if (!known.has(origin)) {
              known.add(origin);
              changed = true;
            }
          }
  }
}

function findFlows(program: JinjaProgram): Flow[] {
  const parameters = new Set<string>(["varargs", "kwargs", "caller"]);
  const bound = new Set<string>();
  const flows: Flow[] = [];
  const flow = (part: unknown, to: Iterable<string>) => flows.push({ from: namesIn(part), to });
  walk(program, (node) => {
    if (node.type === "Set") {
      const assignee = node["assignee"] as JinjaNode;
      const names = assignedNames(assignee);
      for (const name of names) bound.add(name);
      // A namespace can have other names (`set b = a`, a macro's parameter), so what is put into one
      // may come out of any bound name.
      flow([node["value"], node["body"]], assignee.type === "MemberExpression" ? bound : names);
    } else if (node.type === "For") {
      const names = targetNames(node["loopvar"] as JinjaNode);
      for (const name of names) bound.add(name);
      flow(node["iterable"], ["loop", ...names]);
      // `loop(q)` in it goes through q as the loop does.
      if (node["recursive"]) for (const name of names) parameters.add(name);
    } else if (node.type === "With") {
      const targets = node["targets"] as JinjaNode[];
      targets.forEach((target, i) => {
        for (const name of targetNames(target)) bound.add(name);
        flow((node["values"] as JinjaNode[])[i], targetNames(target));
      });
    } else if (node.type === "Macro" || node.type === "CallStatement") {
      for (const arg of (node["args"] ?? node["callerArgs"] ?? []) as JinjaNode[])
        for (const name of targetNames(parameterName(arg))) parameters.add(name);
      if (node.type === "Macro") flow([node["args"], node["body"]], targetNames(node["name"] as JinjaNode));
      else flow(node["body"], ["caller"]);
    } else if (node.type === "CallExpression") flow(node["args"], parameters);
  });
  for (const name of parameters) bound.add(name);
  return flows;
}

function mentioned(node: unknown, origins: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set<string>();
  for (const name of namesIn(node)) for (const origin of origins.get(name) ?? []) found.add(origin);
  return found;
}

/** `a`, `a, b`, or the namespace in `ns.a`. */
function assignedNames(assignee: JinjaNode): string[] {
  let target = assignee;
  while (target.type === "MemberExpression") target = target["object"] as JinjaNode;
  return targetNames(target);
}
