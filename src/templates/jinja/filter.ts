import { JinjaRuntimeError } from "./nodes.ts";

/** What a filter or a test may ask of the rendering that it is part of. */
export interface FilterContext {
  /** Takes steps from the rendering's budget. */
  spend(steps: number): void;
  /** Refuses a text that would be longer than a rendering may make. */
  bound(characters: number): void;
  filter(
    name: string,
    value: unknown,
    args: readonly unknown[],
    kwargs: ReadonlyMap<string, unknown>,
  ): unknown;
  test(name: string, value: unknown, args: readonly unknown[]): boolean;
  /** `a.b.0` inside a value; {@link Undefined} where it is not there. */
  attribute(value: unknown, path: unknown): unknown;
}

export type Filter = (
  context: FilterContext,
  value: unknown,
  args: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
) => unknown;

/** Filters beyond those of Jinja2, by name: each is given plain JSON data, and gives such. */
export type OwnFilters = ReadonlyMap<string, (value: unknown, args: readonly unknown[]) => unknown>;

export const NO_OWN_FILTERS: OwnFilters = new Map();

/** Arguments by their names in Jinja2, given by place or by name. */
export function argumentsOf(
  args: readonly unknown[],
  kwargs: ReadonlyMap<string, unknown>,
  names: readonly string[],
): unknown[] {
  if (args.length > names.length)
    throw new JinjaRuntimeError(`there are ${args.length} arguments; ${names.length} are taken`);
  for (const name of kwargs.keys())
    if (!names.includes(name))
      throw new JinjaRuntimeError(`there is no argument "${name}"; there are ${names.join(", ") || "none"}`);
  return names.map((name, i) => (i < args.length ? args[i] : kwargs.get(name)));
}
