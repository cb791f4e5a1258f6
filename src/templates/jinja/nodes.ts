/** A node of a template's syntax tree, as far as it is looked into by type. */
export interface JinjaNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface JinjaProgram extends JinjaNode {
  readonly type: "Program";
  readonly body: readonly JinjaNode[];
}

export function isNode(value: unknown): value is JinjaNode {
  return typeof value === "object" && value !== null && typeof (value as JinjaNode).type === "string";
}

/** Visits every node below (and with) a node. */
export function walk(node: unknown, visit: (node: JinjaNode) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit);
  else if (node instanceof Map)
    for (const [key, value] of node) {
      walk(key, visit);
      walk(value, visit);
    }
  else if (isNode(node)) {
    visit(node);
    for (const child of Object.values(node)) if (typeof child === "object") walk(child, visit);
  }
}

/** What went wrong while a template was rendered; `variable` when it is about one. */
export class JinjaRuntimeError extends Error {
  readonly variable: string | undefined;
  constructor(message: string, variable?: string) {
    super(message);
    this.name = "JinjaRuntimeError";
    this.variable = variable;
  }
}
