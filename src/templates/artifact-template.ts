import type { Artifact, Role, VariableSpec } from "../domain/artifact.ts";
import { invalidInput, SluiceError } from "../domain/errors.ts";
import { didYouMean } from "../domain/suggestion.ts";
import { compileTemplate, referenceText, type CompiledTemplate } from "./compile.ts";
import { placeholderMessages } from "./placeholder-messages.ts";
import type { PlaceholderMessage, RenderedMessage } from "./rendered-message.ts";
import { describeReference, type Reference } from "./segments.ts";
import { templateProblem } from "./template-error.ts";
import { checkVariable } from "../domain/variable-check.ts";

export interface RenderOptions {
  /** Messages for `{placeholder: history}`; short for `placeholders: { history }`. */
  readonly history?: readonly PlaceholderMessage[] | undefined;
  /** Messages for each placeholder by its name; one that is not given stays empty. */
  readonly placeholders?: Readonly<Record<string, readonly PlaceholderMessage[]>> | undefined;
}

export interface RenderResult {
  messages: RenderedMessage[];
  /** Things that did not stop the rendering: a value that was missing in `dollar`, one that nobody declared. */
  warnings: string[];
}

/** An artifact whose templates have been read once, ready to be rendered again and again. */
export interface ArtifactTemplate {
  readonly artifact: Artifact;
  /** The text of messages and examples without any values: what a version costs in tokens by itself. */
  readonly fixedText: string;
  /**
   * Messages with the values put in, examples after the leading system messages. A missing required
   * variable, a wrong type, an unknown enum value, a text past its max_length or a template that
   * cannot be rendered is an `invalid_input` error that names variable and message.
   */
  render(variables?: Readonly<Record<string, unknown>>, options?: RenderOptions): RenderResult;
}

interface Slot {
  readonly name: string;
  readonly spec: VariableSpec | undefined;
  /** The default, checked; undefined when there is none. */
  readonly fallback: unknown;
  /** The name is one that every object inherits (`constructor`), so reading it needs a check. */
  readonly inherited: boolean;
}

type Part =
  | {
      readonly kind: "text";
      readonly role: Role;
      readonly literals: readonly string[];
      readonly references: readonly number[];
      readonly index: number;
    }
  | {
      readonly kind: "program";
      readonly role: Role;
      readonly template: CompiledTemplate;
      readonly index: number;
    }
  | { readonly kind: "placeholder"; readonly name: string }
  | { readonly kind: "fixed"; readonly messages: readonly RenderedMessage[] };

/** Compiles every message of an artifact; a template that is not valid is `invalid_input` naming the message. */
export function compileArtifact(artifact: Artifact): ArtifactTemplate {
  return new CompiledArtifact(artifact);
}

class CompiledArtifact implements ArtifactTemplate {
  readonly artifact: Artifact;
  readonly fixedText: string;
  readonly #slots: Slot[] = [];
  readonly #slotOf = new Map<string, number>();
  readonly #references: { readonly reference: Reference; readonly slot: number; readonly plain: boolean }[] =
    [];
  readonly #referenceOf = new Map<string, number>();
  readonly #parts: Part[] = [];
  readonly #untrusted: ReadonlySet<string>;
  readonly #hasPrograms: boolean;

  constructor(artifact: Artifact) {
    this.artifact = artifact;
    const specs = Object.entries(artifact.variables);
    this.#untrusted = new Set(specs.filter(([, spec]) => spec.untrusted).map(([name]) => name));
    for (const [name, spec] of specs) this.#addSlot(name, spec);
    const fixed: string[] = [];
    artifact.messages.forEach((message, index) => {
      if ("placeholder" in message)
        return void this.#parts.push({ kind: "placeholder", name: message.placeholder });
      const template = compileMessage(artifact, message.content, this.#untrusted, index);
      fixed.push(template.fixedText);
      const { segments } = template;
      if (!segments) return void this.#parts.push({ kind: "program", role: message.role, template, index });
      const references = segments.references.map((reference) => this.#addReference(reference));
      this.#parts.push({ kind: "text", role: message.role, literals: segments.literals, references, index });
    });
    this.#placeExamples(fixed);
    this.#hasPrograms = this.#parts.some((part) => part.kind === "program");
    this.fixedText = fixed.join("\n");
  }

  render(variables: Readonly<Record<string, unknown>> = {}, options: RenderOptions = {}): RenderResult {
    const warnings: string[] = [];
    const values = this.#readValues(variables, warnings);
    const texts: (string | undefined)[] = new Array(this.#references.length);
    for (let i = 0; i < texts.length; i++) {
      const { reference, slot, plain } = this.#references[i]!;
      const value = values[slot];
      texts[i] = plain && typeof value === "string" ? value : this.#text(reference, value);
    }
    const messages: RenderedMessage[] = [];
    const byName = this.#hasPrograms ? this.#namedValues(values) : undefined;
    for (const part of this.#parts) {
      if (part.kind === "text") {
        const { literals, references } = part;
        let content = literals[0]!;
        for (let i = 0; i < references.length; i++) {
          const text = texts[references[i]!];
          if (text === undefined) this.#missing(part, references[i]!, warnings);
          else content += text;
          content += literals[i + 1]!;
        }
        messages.push(newMessage(part.role, content));
      } else if (part.kind === "program") {
        try {
          messages.push(newMessage(part.role, part.template.render(byName!, warnings)));
        } catch (error) {
          throw inMessage(error, part);
        }
      } else if (part.kind === "placeholder") {
        const given = givenPlaceholder(part.name, options);
        if (given) messages.push(...placeholderMessages(part.name, given));
      } else messages.push(...structuredClone(part.messages));
    }
    if (options.history || options.placeholders) this.#warnOfPlaceholders(options, warnings);
    return { messages, warnings };
  }

  #addSlot(name: string, spec: VariableSpec | undefined): number {
    const slot = this.#slots.length;
    const checked = spec?.default === undefined ? undefined : checkVariable(spec, spec.default);
    if (checked && "problem" in checked)
      throw invalidInput(`variable "${name}": its default ${checked.problem}`, { variable: name });
    this.#slots.push({ name, spec, fallback: checked?.value, inherited: name in Object.prototype });
    this.#slotOf.set(name, slot);
    return slot;
  }

  #addReference(reference: Reference): number {
    const key = describeReference(reference);
    const known = this.#referenceOf.get(key);
    if (known !== undefined) return known;
    const slot = this.#slotOf.get(reference.name) ?? this.#addSlot(reference.name, undefined);
    const plain = reference.path.length === 0 && !this.#untrusted.has(reference.name);
    this.#referenceOf.set(key, this.#references.length);
    return this.#references.push({ reference, slot, plain }) - 1;
  }

  /** Examples are plain text (nothing in them is a variable) and stand after the leading system messages. */
  #placeExamples(fixed: string[]): void {
    const { examples = [], messages } = this.artifact;
    if (examples.length === 0) return;
    for (const example of examples) fixed.push(example.input, example.output);
    let at = 0;
    while (at < messages.length && isSystem(messages[at]!)) at++;
    this.#parts.splice(at, 0, {
      kind: "fixed",
      messages: examples.flatMap(({ input, output }): RenderedMessage[] => [
        { role: "user", content: input },
        { role: "assistant", content: output },
      ]),
    });
  }

  /** One value per slot; undefined where there is neither a value nor a default. */
  #readValues(variables: Readonly<Record<string, unknown>>, warnings: string[]): unknown[] {
    const slots = this.#slots;
    const values: unknown[] = new Array(slots.length);
    let used = 0;
    for (let i = 0; i < slots.length; i++) {
      const { name, spec, fallback, inherited } = slots[i]!;
      if (!spec) continue;
      const given = inherited && !Object.hasOwn(variables, name) ? undefined : variables[name];
      if (given === undefined || (given === null && spec.type !== "json")) {
        if (fallback === undefined && spec.required) this.#missingRequired(name, warnings);
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
        const near = didYouMean(name, Object.keys(this.artifact.variables));
        warnings.push(`variable "${name}" is not declared by this prompt and was not used${near}`);
      }
  }

  #missingRequired(name: string, warnings: string[]): void {
    if (this.artifact.syntax !== "dollar")
      throw invalidInput(`variable "${name}" is required and was not given`, { variable: name });
    warnings.push(`variable "${name}" is required and was not given`);
  }

  #text(reference: Reference, value: unknown): string | undefined {
    if (value === undefined) return undefined;
    const warnings: string[] = [];
    const found = referenceText("dollar", reference, value, warnings, this.#untrusted);
    return warnings.length > 0 ? undefined : found;
  }

  #missing(part: Part & { kind: "text" }, index: number, warnings: string[]): void {
    const { reference } = this.#references[index]!;
    const name = describeReference(reference);
    if (this.artifact.syntax === "dollar") {
      const warning = `"${name}" has no value and was rendered empty`;
      if (!warnings.includes(warning)) warnings.push(warning);
      return;
    }
    const undeclared = this.#slots[this.#references[index]!.slot]!.spec === undefined;
    const why = undeclared
      ? "is not declared under variables"
      : "has no value; pass it, or give it a default";
    throw invalidInput(`${place(part)}: "${name}" ${why}`, { variable: reference.name, message: part.index });
  }

  #namedValues(values: readonly unknown[]): Map<string, unknown> {
    const named = new Map<string, unknown>();
    this.#slots.forEach(({ name }, i) => named.set(name, values[i]));
    return named;
  }

  #warnOfPlaceholders(options: RenderOptions, warnings: string[]): void {
    const names = new Set(this.#parts.flatMap((part) => (part.kind === "placeholder" ? [part.name] : [])));
    for (const name of [...Object.keys(options.placeholders ?? {}), ...(options.history ? ["history"] : [])])
      if (!names.has(name))
        warnings.push(`this prompt has no placeholder "${name}"; its messages were not used`);
  }
}

function compileMessage(
  artifact: Artifact,
  content: string,
  untrusted: ReadonlySet<string>,
  index: number,
): CompiledTemplate {
  try {
    return compileTemplate(artifact.syntax, content, { untrusted });
  } catch (error) {
    const found = templateProblem(error);
    if (!found) throw error;
    throw invalidInput(`message ${index + 1}, line ${found.line}, column ${found.column}: ${found.problem}`, {
      message: index,
      ...found,
    });
  }
}

function isSystem(message: Artifact["messages"][number]): boolean {
  return "role" in message && message.role === "system";
}

function givenPlaceholder(name: string, options: RenderOptions): readonly PlaceholderMessage[] | undefined {
  const { placeholders, history } = options;
  if (placeholders && Object.hasOwn(placeholders, name)) return placeholders[name];
  return name === "history" ? history : undefined;
}

function newMessage(role: Role, content: string): RenderedMessage {
  // A tool message in a prompt's own text answers no real call; vendors only ask that there is an id.
  return role === "tool" ? { role, content, tool_call_id: "" } : { role, content };
}

function place({ index, role }: { readonly index: number; readonly role: Role }): string {
  return `message ${index + 1} (${role})`;
}

function inMessage(error: unknown, part: { readonly index: number; readonly role: Role }): unknown {
  if (!(error instanceof SluiceError)) return error;
  return new SluiceError(error.code, `${place(part)}: ${error.message}`, {
    ...error.details,
    message: part.index,
  });
}
