import type { Artifact, Role, VariableSpec } from "../domain/prompt/artifact.ts";
import { newMessage, type RenderedMessage } from "./rendered-message.ts";
import { flat, type Segments } from "./segments.ts";
import { delimiters, neutralise } from "./untrusted.ts";

/** A message of literal text and references, as a compiled artifact has them. */
export interface PlainMessage {
  readonly role: Role;
  readonly segments: Segments;
}

interface Place {
  readonly role: Role;
  /** `literals[0] value literals[1] … literals[n]`, the delimiters of untrusted values in them. */
  readonly literals: readonly string[];
  /** The variable of each value. */
  readonly slots: readonly number[];
  /** The literals again, with a gap between each two where a value is put while it is rendered. */
  readonly pieces: string[];
}

/**
 * From so many values on the pieces are copied into one text at once. Added one by one they make a tree inside
 * the engine, which whoever writes the text has to flatten, and which costs more the larger it is.
 */
const JOINED_FROM = 4;

/** As many characters as a text without a `max_length` may have here; a longer one takes the other way. */
const MOST_CHARACTERS = 100_000;

/**
 * The shortest way through the commonest prompt: messages that only substitute texts. It renders exactly
 * what {@link compileArtifact} does, or gives up when there is anything to be said about the values.
 */
export class PlainSubstitution {
  readonly #names: readonly string[];
  readonly #slotOf: ReadonlyMap<string, number>;
  readonly #most: readonly number[];
  readonly #untrusted: readonly boolean[];
  readonly #defaults: readonly (string | undefined)[];
  readonly #places: readonly Place[];

  private constructor(
    specs: readonly (readonly [string, VariableSpec])[],
    messages: readonly PlainMessage[],
  ) {
    this.#names = specs.map(([name]) => name);
    this.#slotOf = new Map(this.#names.map((name, slot) => [name, slot]));
    this.#most = specs.map(([, spec]) => Math.min(spec.max_length ?? MOST_CHARACTERS, MOST_CHARACTERS));
    this.#untrusted = specs.map(([, spec]) => spec.untrusted === true);
    this.#defaults = specs.map(([, spec]) => {
      const text = spec.default as string | undefined;
      return text !== undefined && spec.untrusted ? neutralise(text.toWellFormed()) : text;
    });
    this.#places = messages.map(({ role, segments }) => this.#place(role, segments));
  }

  /** Undefined for an artifact that needs more than this. */
  static of(artifact: Artifact, messages: readonly PlainMessage[]): PlainSubstitution | undefined {
    const specs = Object.entries(artifact.variables);
    const isText = ([, spec]: readonly [string, VariableSpec]) =>
      spec.type === "string" && spec.enum === undefined;
    const isKnown = messages.every(({ segments }) =>
      segments.references.every(
        ({ name, path }) => path.length === 0 && Object.hasOwn(artifact.variables, name),
      ),
    );
    return specs.every(isText) && isKnown ? new PlainSubstitution(specs, messages) : undefined;
  }

  /** Undefined when a value is missing, of another type, too long, or of a name that nobody declared. */
  render(variables: Readonly<Record<string, unknown>>): RenderedMessage[] | undefined {
    const values = this.#read(variables);
    if (values === undefined) return undefined;
    const places = this.#places;
    const messages: RenderedMessage[] = new Array(places.length);
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      const content = place.slots.length < JOINED_FROM ? added(place, values) : joined(place, values);
      // Once for the whole is cheaper than for each value.
      messages[i] = newMessage(place.role, place.slots.length === 0 ? content : content.toWellFormed());
    }
    return messages;
  }

  #read(variables: Readonly<Record<string, unknown>>): (string | undefined)[] | undefined {
    const names = this.#names;
    const most = this.#most;
    const untrusted = this.#untrusted;
    const values = this.#defaults.slice();
    let given = 0;
    for (const name in variables) {
      // Nearly always they come in the order in which they were declared.
      const slot = names[given] === name ? given : this.#slotOf.get(name);
      if (slot === undefined) return undefined;
      const value = variables[name];
      if (typeof value !== "string" || value.length > most[slot]!) return undefined;
      values[slot] = untrusted[slot] ? neutralise(value.toWellFormed()) : value;
      given++;
    }
    if (given < names.length && values.includes(undefined)) return undefined;
    return values;
  }

  #place(role: Role, { literals, references }: Segments): Place {
    const slots = references.map(({ name }) => this.#slotOf.get(name)!);
    const texts = [...literals];
    references.forEach(({ name }, i) => {
      if (!this.#untrusted[slots[i]!]) return;
      const [open, close] = delimiters(name);
      texts[i] += open;
      texts[i + 1] = close + texts[i + 1]!;
    });
    const own = texts.map(flat);
    return { role, slots, literals: own, pieces: own.flatMap((text, i) => (i === 0 ? [text] : ["", text])) };
  }
}

type Values = readonly (string | undefined)[];

function added({ literals, slots }: Place, values: Values): string {
  let content = literals[0]!;
  for (let i = 0; i < slots.length; i++) content += values[slots[i]!]! + literals[i + 1]!;
  return content;
}

/** Nothing of the caller's runs while the gaps are filled, so no other rendering can come between. */
function joined({ pieces, slots }: Place, values: Values): string {
  for (let i = 0; i < slots.length; i++) pieces[2 * i + 1] = values[slots[i]!]!;
  const content = pieces.join("");
  // What a caller passed is not kept.
  for (let i = 0; i < slots.length; i++) pieces[2 * i + 1] = "";
  return content;
}
