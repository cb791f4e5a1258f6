import { compileTemplate, type CompiledTemplate } from "../../../templates/compile.ts";

/** Values of assertions may use the case's variables, `{{ name }}`, as in promptfoo. */

const compiled = new Map<string, CompiledTemplate>();

function templateOf(text: string): CompiledTemplate | undefined {
  if (!text.includes("{{") && !text.includes("{%")) return undefined;
  let template = compiled.get(text);
  if (!template) {
    if (compiled.size >= 1000) compiled.clear();
    compiled.set(text, (template = compileTemplate("jinja", text)));
  }
  return template;
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Why a value's templates cannot be read, or undefined when they can. */
export function valueTemplateProblem(value: unknown): string | undefined {
  try {
    for (const text of textsOf(value)) templateOf(text);
    return undefined;
  } catch (error) {
    return `its value: ${(error as Error).message}`;
  }
}

/** The variables that a value uses. */
export function valueNames(value: unknown): string[] {
  return textsOf(value).flatMap((text) => templateOf(text)?.names ?? []);
}

/** A value, or each text of a list, with the variables put in. */
export function renderValue(value: unknown, vars: Readonly<Record<string, unknown>>): unknown {
  const values = new Map(Object.entries(vars));
  const render = (item: unknown) =>
    typeof item === "string" ? (templateOf(item)?.render(values) ?? item) : item;
  return Array.isArray(value) ? value.map(render) : render(value);
}
