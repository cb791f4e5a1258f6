import type { Artifact, VariableSpec } from "../domain/prompt/artifact.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";

/** Of an error that says that values are missing: which, for {@link allMissing}. */
export function lacks(...names: string[]): { readonly missing: readonly string[] } {
  return { missing: names };
}

/** That a message reads a variable that has no value, or that nobody has declared. */
export function noValue(
  what: string,
  { variables }: Pick<Artifact, "variables">,
  variable: string,
  message: number,
  name: string,
): SluiceError {
  if (!Object.hasOwn(variables, variable))
    return invalidInput(`${what} is not declared under variables`, { variable, message });
  return invalidInput(`${what} has no value; pass it, or give it a default`, {
    variable,
    message,
    ...lacks(name),
  });
}

/**
 * The error of a rendering that lacks a value, naming all that it lacks: whoever mends the first should not meet
 * the next. They are found by rendering again with something in the place of each.
 *
 * @param render fails as the rendering does, with other variables
 */
export function allMissing(
  error: unknown,
  { variables: specs }: Pick<Artifact, "variables">,
  given: Readonly<Record<string, unknown>>,
  render: (variables: Readonly<Record<string, unknown>>) => unknown,
): unknown {
  const first = lacking(error);
  if (!first) return error;
  const names = new Set(first);
  const filled: Record<string, unknown> = { ...given };
  const added = new Set<string>();
  for (let next: Lacking | undefined = first; next; next = lackingWith(() => render(filled))) {
    let isFurther = false;
    for (const name of next) {
      const root = rootOf(name);
      // Of what was put in the place of a value any part may be missing: that says nothing.
      if (added.has(root)) isFurther = putInto(filled[root], name) || isFurther;
      else {
        names.add(name);
        if (!Object.hasOwn(specs, name)) continue;
        added.add(name);
        filled[name] = somethingFor(specs[name]!);
        isFurther = true;
      }
    }
    if (!isFurther) break;
  }
  if (names.size === first.length) return error;
  const all = [...names];
  return invalidInput(
    `${all.map((name) => `"${name}"`).join(", ")} have no value; pass them, or give them defaults in the prompt file`,
    { variable: rootOf(all[0]!), variables: [...new Set(all.map(rootOf))], ...lacks(...all) },
  );
}

/** Levels within a value that are looked at. */
const MOST_LEVELS = 10;

type Lacking = readonly string[];

function lacking(error: unknown): Lacking | undefined {
  const missing = error instanceof SluiceError ? error.details["missing"] : undefined;
  return Array.isArray(missing) ? (missing as string[]) : undefined;
}

function lackingWith(render: () => unknown): Lacking | undefined {
  try {
    render();
    return undefined;
  } catch (error) {
    return lacking(error);
  }
}

/** The variable in `user.name` or `users[0]`. */
function rootOf(name: string): string {
  return /^[^.[]*/.exec(name)![0];
}

/** Puts something where `user.address.street` is looked for in what stands for `user`; whether that could be done. */
function putInto(value: unknown, name: string): boolean {
  const path = name.split(".").slice(1);
  if (path.length === 0 || path.length > MOST_LEVELS || !path.every((part) => /^\w+$/.test(part)))
    return false;
  let holder = value;
  for (const [index, part] of path.entries()) {
    if (typeof holder !== "object" || holder === null) return false;
    const fields = holder as Record<string, unknown>;
    const isLast = index === path.length - 1;
    if (isLast && Object.hasOwn(fields, part)) return false;
    if (!Object.hasOwn(fields, part)) fields[part] = isLast ? "x" : {};
    holder = fields[part];
  }
  return true;
}

function somethingFor({ type, enum: allowed }: VariableSpec): unknown {
  switch (type) {
    case "string":
      return allowed?.[0] ?? "x";
    case "number":
      return 1;
    case "boolean":
      return true;
    case "list":
      return [];
    case "json":
      return {};
  }
}
