import type { Artifact, Role } from "../domain/prompt/artifact.ts";
import { wordsOf } from "../domain/prompt/content-parts.ts";
import { compileTemplate, referenceText, type CompiledTemplate } from "./compile.ts";
import { givenPlaceholder, warnOfPlaceholders } from "./given-placeholders.ts";
import { lookForInjection } from "./look-for-injection.ts";
import type { RenderOptions } from "./render-options.ts";
import type { OwnFilters } from "./jinja/filter.ts";
import { compileParts, type PartsTemplate } from "./parts-template.ts";
import { allMissing, noValue } from "./missing-values.ts";
import { inMessage, inTemplate, place } from "./message-error.ts";
import { personalDataGuard } from "./personal-data-guard.ts";
import { placeholderMessages } from "./placeholder-messages.ts";
import { PlainSubstitution, type PlainMessage } from "./plain-substitution.ts";
import { newMessage, partsMessage, type RenderedMessage } from "./rendered-message.ts";
import { describeReference, type Reference } from "./segments.ts";
import { fitMessages, type MessageOrigin, type TokenBudget } from "./tokens/token-budget.ts";
import { VariableSlots } from "./variable-slots.ts";

export interface RenderResult {
  messages: RenderedMessage[];
  /** Things that did not stop the rendering: a value that was missing in `dollar`, one that nobody declared. */
  warnings: string[];
  /** What the messages cost, tools and output schema included; only with a `budget`, by its count. */
  tokens?: number;
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
  | { readonly kind: "parts"; readonly role: Role; readonly parts: PartsTemplate; readonly index: number }
  | { readonly kind: "placeholder"; readonly name: string }
  | { readonly kind: "fixed"; readonly messages: readonly RenderedMessage[] };

const ORIGINS: Readonly<Record<Part["kind"], MessageOrigin>> = {
  text: "prompt",
  program: "prompt",
  parts: "prompt",
  placeholder: "history",
  fixed: "example",
};

/**
 * Compiles every message of an artifact; a template that is not valid is `invalid_input` naming the message.
 *
 * @param filters beyond Jinja's own, as a promptfoo configuration may bring them
 */
export function compileArtifact(artifact: Artifact, filters?: OwnFilters): ArtifactTemplate {
  return new CompiledArtifact(artifact, filters);
}

class CompiledArtifact implements ArtifactTemplate {
  readonly artifact: Artifact;
  readonly fixedText: string;
  readonly #variables: VariableSlots;
  readonly #references: { readonly reference: Reference; readonly slot: number; readonly plain: boolean }[] =
    [];
  readonly #referenceOf = new Map<string, number>();
  readonly #parts: Part[] = [];
  readonly #untrusted: ReadonlySet<string>;
  readonly #hasPrograms: boolean;
  /** Their names, in the order of the messages. */
  readonly #placeholders: readonly string[];
  /** Only for an artifact that needs nothing else. */
  readonly #plain: PlainSubstitution | undefined;

  constructor(artifact: Artifact, filters?: OwnFilters) {
    this.artifact = artifact;
    this.#variables = new VariableSlots(artifact);
    this.#untrusted = this.#variables.untrusted;
    const fixed: string[] = [];
    const plain: PlainMessage[] = [];
    artifact.messages.forEach((message, index) => {
      if ("placeholder" in message)
        return void this.#parts.push({ kind: "placeholder", name: message.placeholder });
      const { content, role } = message;
      if (typeof content !== "string") {
        const parts = inTemplate(index, () => compileParts(artifact, content, this.#untrusted, filters));
        fixed.push(parts.fixedText);
        return void this.#parts.push({ kind: "parts", role, parts, index });
      }
      const template = inTemplate(index, () =>
        compileTemplate(artifact.syntax, content, {
          untrusted: this.#untrusted,
          whitespace: artifact.whitespace,
          filters,
        }),
      );
      fixed.push(template.fixedText);
      const { segments } = template;
      if (!segments) return void this.#parts.push({ kind: "program", role: message.role, template, index });
      const references = segments.references.map((reference) => this.#addReference(reference));
      this.#parts.push({ kind: "text", role: message.role, literals: segments.literals, references, index });
      plain.push({ role: message.role, segments });
    });
    this.#placeholders = this.#parts.flatMap((part) => (part.kind === "placeholder" ? [part.name] : []));
    this.#placeExamples(fixed);
    this.#hasPrograms = this.#parts.some(({ kind }) => kind === "program" || kind === "parts");
    this.fixedText = fixed.join("\n");
    this.#plain = plain.length === this.#parts.length ? PlainSubstitution.of(artifact, plain) : undefined;
  }

  render(variables: Readonly<Record<string, unknown>> = {}, options: RenderOptions = {}): RenderResult {
    const { budget, history, placeholders, injection, personalData } = options;
    if (!(budget || history || placeholders || injection || personalData)) {
      const messages = this.#plain?.render(variables);
      if (messages) return { messages, warnings: [] };
    }
    try {
      return this.#renderWhatever(variables, options);
    } catch (error) {
      throw allMissing(error, this.artifact, variables, (others) => this.#renderWhatever(others, options));
    }
  }

  #renderWhatever(variables: Readonly<Record<string, unknown>>, options: RenderOptions): RenderResult {
    const warnings: string[] = [];
    const values = this.#variables.read(variables, warnings);
    const guard = personalDataGuard(options.personalData, warnings);
    if (guard) this.#variables.change(values, (name, value) => guard.value(`variable "${name}"`, value));
    const texts: (string | undefined)[] = new Array(this.#references.length);
    for (let i = 0; i < texts.length; i++) {
      const { reference, slot, plain } = this.#references[i]!;
      const value = values[slot];
      texts[i] = plain && typeof value === "string" ? value : this.#text(reference, value);
    }
    if (options.injection) {
      const untrusted = [...this.#variables.named(values)].filter(([name]) => this.#untrusted.has(name));
      lookForInjection(untrusted, this.#placeholders, options, warnings);
    }
    const messages: RenderedMessage[] = [];
    const origins: MessageOrigin[] | undefined = options.budget && [];
    const byName = this.#hasPrograms ? this.#variables.named(values) : undefined;
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
      } else if (part.kind === "parts") {
        try {
          const parts = part.parts.render(byName!, warnings);
          messages.push(part.role === "user" ? partsMessage(parts) : newMessage(part.role, wordsOf(parts)));
        } catch (error) {
          throw inMessage(error, part);
        }
      } else if (part.kind === "placeholder") {
        const given = givenPlaceholder(part.name, options);
        const made = given ? placeholderMessages(part.name, given) : [];
        messages.push(...(guard ? guard.messages(part.name, made) : made));
      } else messages.push(...structuredClone(part.messages));
      if (origins) while (origins.length < messages.length) origins.push(ORIGINS[part.kind]);
    }
    warnOfPlaceholders(this.#placeholders, options, warnings);
    return options.budget ? this.#fit(messages, origins!, options.budget, warnings) : { messages, warnings };
  }

  #fit(
    messages: readonly RenderedMessage[],
    origins: readonly MessageOrigin[],
    budget: TokenBudget,
    warnings: string[],
  ): RenderResult {
    const { tools, output_schema, params } = this.artifact;
    const beside = tools?.length || output_schema ? budget.count(JSON.stringify([tools, output_schema])) : 0;
    const requested = params["max_tokens"] ?? params["max_completion_tokens"];
    const output = budget.output ?? (typeof requested === "number" ? requested : 0);
    const fitted = fitMessages(messages, origins, { ...budget, output }, beside);
    return { messages: fitted.messages, warnings: [...warnings, ...fitted.warnings], tokens: fitted.tokens };
  }

  #addReference(reference: Reference): number {
    const key = describeReference(reference);
    const known = this.#referenceOf.get(key);
    if (known !== undefined) return known;
    const slot = this.#variables.slotOf(reference.name);
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
    throw noValue(`${place(part)}: "${name}"`, this.artifact, reference.name, part.index, name);
  }
}

function isSystem(message: Artifact["messages"][number]): boolean {
  return "role" in message && message.role === "system";
}
