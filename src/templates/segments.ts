/** One place in a template where a value is put: a variable, and the keys to follow inside it. */
export interface Reference {
  readonly name: string;
  readonly path: readonly string[];
}

/** A template that only substitutes: `literals[0] reference[0] literals[1] … literals[n]`. */
export interface Segments {
  readonly literals: readonly string[];
  readonly references: readonly Reference[];
}

/** Segments, and where in the source each name first stands. */
export interface ParsedSegments {
  readonly segments: Segments;
  readonly offsets: ReadonlyMap<string, number>;
}

/** Collects segments from left to right; text that meets text becomes one literal. */
export class SegmentBuilder {
  #literals: string[] = [];
  #references: Reference[] = [];
  #text = "";

  text(text: string): void {
    this.#text += text;
  }

  reference(reference: Reference): void {
    this.#literals.push(flat(this.#text));
    this.#text = "";
    this.#references.push(reference);
  }

  build(): Segments {
    return { literals: [...this.#literals, flat(this.#text)], references: this.#references };
  }
}

/**
 * A copy of a string in one piece. Concatenated and sliced strings are trees inside the engine that
 * are flattened when they are written out; doing it once, at compile time, takes it off every render.
 */
export function flat(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

/** The value at a path inside a value, own properties and array indexes only; undefined when there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (current === null || typeof current !== "object" || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** `user.address.city`, as it was written. */
export function describeReference({ name, path }: Reference): string {
  return [name, ...path].join(".");
}
