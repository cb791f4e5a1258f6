import type { Artifact, VariableSpec } from "../domain/prompt/artifact.ts";
import { invalidInput } from "../domain/errors.ts";
import { didYouMean } from "../domain/text/suggestion.ts";
import { lacks } from "./missing-values.ts";
import { checkVariable } from "../domain/prompt/variable-check.ts";

interface Slot {
  readonly name: string;
  /** Undefined for a name that a template uses though nobody declared it; it never has a value. */
  readonly spec: VariableSpec | undefined;
  /** The default, checked; undefined when there is none. */
  readonly fallback: unknown;
  /** The name is one that every object inherits (`constructor`), so reading it needs a check. */
  readonly inherited: boolean;
}

/** An artifact's variables, numbered when it is compiled, so that rendering reads a list instead of names. */
export class VariableSlots {
  readonly untrusted: ReadonlySet<string>;
  readonly #artifact: Artifact;
  readonly #slots: Slot[] = [];
  readonly #slotOf = new Map<string, number>();

  /** A default that its variable would refuse is `invalid_input`. */
  constructor(artifact: Artifact) {
    this.#artifact = artifact;
    const specs = Object.entries(artifact.variables);
    this.untrusted = new Set(specs.filter(([, spec]) => spec.untrusted).map(([name]) => name));
    for (const [name, spec] of specs) this.#add(name, spec);
  }

  /** The number of a variable in what {@link read} gives. */
  slotOf(name: string): number {
    return this.#slotOf.get(name) ?? this.#add(name, undefined);
  }

  /** The values that there are, by name. */
  named(values: readonly unknown[]): Map<string, unknown> {
    const named = new Map<string, unknown>();
    this.#slots.forEach(({ name }, i) => {
      if (values[i] !== undefined) named.set(name, values[i]);
    });
    return named;
  }

  /** Puts what `change` makes of it in the place of each value that there is. */
  change(values: unknown[], change: (name: string, value: unknown) => unknown): void {
    this.#slots.forEach(({ name }, i) => {
      if (values[i] !== undefined) values[i] = change(name, values[i]);
    });
  }

  /** One value per slot; undefined where there is neither a value nor a default. */
  read(variables: Readonly<Record<string, unknown>>, warnings: string[]): unknown[] {
    const slots = this.#slots;
    const values: unknown[] = new Array(slots.length);
    let used = 0;
    for (let i = 0; i < slots.length; i++) {
      const { name, spec, fallback, inherited } = slots[i]!;
      if (!spec) continue;
      const given = inherited && !Object.hasOwn(variables, name) ? undefined : variables[name];
      if (given === undefined || (given === null && spec.type !== "json")) {
        if (fallback === undefined && spec.required) this.#missingRequired(name, variables, warnings);
        values[i] = fallback;
        if (given === null) used++;
        continue;
      }
      used++;
      // The commonest case by far, without an object for the result.
      if (
        spec.type === "string" &&
        typeof given === "string" &&
        !spec.enum &&
        given.length <= (spec.max_length ?? 100_000)
      ) {
        values[i] = given.toWellFormed();
        continue;
      }
      const checked = checkVariable(spec, given);
      if ("problem" in checked)
        throw invalidInput(`variable "${name}" ${checked.problem}`, { variable: name });
      values[i] = checked.value;
    }
    // Counting is cheaper than looking each name up, and nearly always enough.
    for (const _ in variables) used--;
    if (used < 0) this.#warnOfUndeclared(variables, warnings);
    return values;
  }

  #warnOfUndeclared(variables: Readonly<Record<string, unknown>>, warnings: string[]): void {
    for (const name of Object.keys(variables))
      if (this.#slots[this.#slotOf.get(name) ?? -1]?.spec === undefined) {
        const near = didYouMean(name, Object.keys(this.#artifact.variables));
        warnings.push(`variable "${name}" is not declared by this prompt and was not used${near}`);
      }
  }

  #missingRequired(name: string, given: Readonly<Record<string, unknown>>, warnings: string[]): void {
    if (this.#artifact.syntax !== "dollar") {
      // The first one ends the rendering; whoever mends it wants to know of the others too.
      const missing = this.#slots
        .filter(({ spec, fallback }) => spec?.required && fallback === undefined)
        .map((slot) => slot.name)
        .filter((one) => !Object.hasOwn(given, one) || given[one] === undefined || given[one] === null);
      throw invalidInput(
        missing.length > 1
          ? `variables ${missing.map((one) => `"${one}"`).join(", ")} are required and were not given`
          : `variable "${name}" is required and was not given`,
        { variable: name, variables: missing, ...lacks(...missing) },
      );
    }
    warnings.push(`variable "${name}" is required and was not given`);
  }

  #add(name: string, spec: VariableSpec | undefined): number {
    const checked = spec?.default === undefined ? undefined : checkVariable(spec, spec.default);
    if (checked && "problem" in checked)
      throw invalidInput(`variable "${name}": its default ${checked.problem}`, { variable: name });
    this.#slotOf.set(name, this.#slots.length);
    return (
      this.#slots.push({ name, spec, fallback: checked?.value, inherited: name in Object.prototype }) - 1
    );
  }
}
