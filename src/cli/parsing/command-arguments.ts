import { invalidInput } from "../../domain/errors.ts";
import {
  assertLabel,
  parseReference,
  parseVersionReference,
  type PromptReference,
  type VersionReference,
} from "../../domain/names.ts";
import { DEFAULT_LABEL, scopeColumns, type ScopeColumns, scopePartProblem } from "../../domain/scope.ts";
import { shown } from "../../domain/text/visible.ts";

/**
 * What was typed after a command's name, read as what it should be. Each reading fails with `invalid_input`. The
 * names of options are those that the command takes (given.ts); a part that several commands share names its own.
 */
export class CommandArguments<
  in Flag extends string = never,
  in Text extends string = never,
  in List extends string = never,
> {
  readonly #positional: readonly (string | readonly string[] | undefined)[];
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(
    positional: readonly (string | readonly string[] | undefined)[],
    options: Readonly<Record<string, unknown>>,
  ) {
    this.#positional = positional;
    this.#options = options;
  }

  /** The argument at a place that must be there (the command is refused otherwise). */
  required(at: number): string {
    return this.#positional[at] as string;
  }

  optional(at: number): string | undefined {
    return this.#positional[at] as string | undefined;
  }

  /** The rest of the arguments from a place on. */
  rest(at: number): readonly string[] {
    return (this.#positional[at] as readonly string[] | undefined) ?? [];
  }

  /** `--no-model-server` is modelServer, true unless it is given. */
  flag(name: Flag): boolean {
    return this.#options[name] === true;
  }

  text(name: Text): string | undefined {
    return this.#options[name] as string | undefined;
  }

  /** A text that must say something. */
  requiredText(name: Text): string {
    const text = (this.text(name) ?? "").trim();
    if (text === "") throw invalidInput(`--${kebab(name)} must not be empty`, { option: kebab(name) });
    return text;
  }

  list(name: List): readonly string[] {
    return (this.#options[name] as readonly string[] | undefined) ?? [];
  }

  integer(name: Text, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number | undefined {
    const value = this.number(name);
    if (value === undefined) return undefined;
    if (!Number.isSafeInteger(value) || value < min || value > max)
      throw invalidInput(
        `--${kebab(name)} must be a whole number ${max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`}, not ${shown(this.text(name))}`,
        { option: kebab(name) },
      );
    return value;
  }

  number(name: Text): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value))
      throw invalidInput(`--${kebab(name)} must be a number, not ${shown(text)}`, { option: kebab(name) });
    return value;
  }

  /** The prompt (and version) at a place. */
  reference(at: number): PromptReference {
    return parseReference(this.required(at));
  }

  version(at: number): VersionReference {
    return parseVersionReference(this.required(at));
  }

  /** The scope that a prompt's name and the scope flags name together. */
  scope(this: CommandArguments<never, "label" | "model" | "tenant">, prompt: string): ScopeColumns {
    return scopeColumns({
      label: assertLabel(this.text("label") ?? DEFAULT_LABEL),
      prompt,
      model: scopePart("model", this.text("model")),
      tenant: scopePart("tenant", this.text("tenant")),
    });
  }

  /** The rollout of the scope that is named at a place: that of a version, where one is written. */
  rollout(this: CommandArguments<never, "label" | "model" | "tenant">, at: number): ScopeColumns {
    return { ...this.scope(this.reference(at).prompt), prompt: this.required(at) };
  }
}

function scopePart(name: "model" | "tenant", text: string | undefined): string | undefined {
  if (text?.trim() === "") throw invalidInput(`--${name} must not be empty; leave it out for every ${name}`);
  const problem = text === undefined ? undefined : scopePartProblem(name, text);
  if (problem) throw invalidInput(`--${name} ${shown(text)} ${problem}`, { option: name });
  return text;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
