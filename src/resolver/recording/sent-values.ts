import {
  SENT_TYPES,
  type SentForPrompt,
  type SentType,
  type SentValue,
} from "../../domain/prompt/caller-report.ts";
import type { RenderOptions } from "../../templates/render-options.ts";
import type { Serving } from "../serving/serving.ts";

/** Prompts, by label and caller, that are told apart at once, and names of each; of more nothing is noted. */
const MOST_PROMPTS = 1_000;
const MOST_NAMES = 200;
const MOST_CHARACTERS = 128;

interface Sent {
  readonly kind: SentValue["kind"];
  readonly name: string;
  /** A bit for each of SENT_TYPES, since the last report and ever. */
  types: number;
  told: number;
  /** A power of two, since the last report and ever. */
  longest: number;
  toldLongest: number;
  calls: number;
}

interface Prompt {
  readonly service: string;
  readonly label: string;
  readonly prompt: string;
  calls: number;
  readonly variables: Map<string, Sent>;
  /** The variables as they came last, since most calls send the same in the same order. */
  readonly order: (Sent | undefined)[];
  readonly placeholders: Map<string, Sent>;
}

const BIT = Object.fromEntries(SENT_TYPES.map((type, i) => [type, 1 << i])) as Readonly<
  Record<SentType, number>
>;

/** What callers send for each prompt, since it was last taken: names, types and lengths, in bounded memory. */
export class SentValues {
  readonly #prompts = new Map<string, Prompt>();
  readonly #ofServing = new WeakMap<Serving, Prompt>();
  #lastServing: Serving | undefined;
  #last: Prompt | undefined;

  /** Whether something was sent that no report has told of. */
  hasNews = false;

  /** Called for each rendering: a few map look-ups, and no more. Values are looked at, and let go. */
  note(
    serving: Serving,
    variables: Readonly<Record<string, unknown>>,
    options: RenderOptions,
    service: string,
  ): void {
    const prompt = this.#promptOf(serving, service);
    if (prompt === undefined) return;
    prompt.calls++;
    const { order } = prompt;
    let i = 0;
    for (const name in variables) {
      let sent = order[i];
      if (sent?.name !== name) sent = order[i] = this.#find(prompt.variables, "variable", name);
      i++;
      if (sent !== undefined) this.#note(sent, variables[name]);
    }
    const { history, placeholders } = options;
    if (history !== undefined) this.#placeholder(prompt, "history", history);
    if (placeholders !== undefined)
      for (const name in placeholders) this.#placeholder(prompt, name, placeholders[name]);
  }

  #find(known: Map<string, Sent>, kind: Sent["kind"], name: string): Sent | undefined {
    return known.get(name) ?? this.#add(known, kind, name);
  }

  #placeholder({ placeholders }: Prompt, name: string, value: unknown): void {
    const sent = this.#find(placeholders, "placeholder", name);
    if (sent !== undefined) this.#note(sent, value);
  }

  #note(sent: Sent, value: unknown): void {
    if (value === undefined) return;
    sent.calls++;
    const bit = typeof value === "string" ? BIT.string : BIT[typeOf(value)];
    sent.types |= bit;
    const length = typeof value === "string" || Array.isArray(value) ? value.length : 0;
    if (length > sent.longest) sent.longest = powerOfTwo(length);
    if ((sent.told & bit) === 0 || length > sent.toldLongest) this.#news(sent, bit);
  }

  #news(sent: Sent, bit: number): void {
    sent.told |= bit;
    sent.toldLongest = Math.max(sent.toldLongest, sent.longest);
    this.hasNews = true;
  }

  #add(known: Map<string, Sent>, kind: Sent["kind"], name: string): Sent | undefined {
    if (known.size >= MOST_NAMES || name.length > MOST_CHARACTERS || name.includes("\0")) return undefined;
    const sent = { kind, name, types: 0, told: 0, longest: 0, toldLongest: 0, calls: 0 };
    known.set(name, sent);
    return sent;
  }

  #promptOf(serving: Serving, service: string): Prompt | undefined {
    if (serving === this.#lastServing && this.#last?.service === service) return this.#last;
    let prompt = this.#ofServing.get(serving);
    if (prompt?.service !== service) {
      // The fallback is nobody's version: what is sent with it says nothing of a prompt.
      if (serving.version.id === null) return undefined;
      prompt = this.#promptNamed(service, serving.label, serving.prompt);
      if (prompt === undefined) return undefined;
      this.#ofServing.set(serving, prompt);
    }
    this.#lastServing = serving;
    this.#last = prompt;
    return prompt;
  }

  #promptNamed(service: string, label: string, prompt: string): Prompt | undefined {
    const key = JSON.stringify([service, label, prompt]);
    let found = this.#prompts.get(key);
    if (found === undefined && this.#prompts.size < MOST_PROMPTS) {
      found = { service, label, prompt, calls: 0, variables: new Map(), order: [], placeholders: new Map() };
      this.#prompts.set(key, found);
      this.hasNews = true;
    }
    return found;
  }

  /** What has been sent since it was last taken, by service. What could not be told is given {@link back}. */
  take(): Map<string, SentForPrompt[]> {
    this.hasNews = false;
    const taken = new Map<string, SentForPrompt[]>();
    for (const prompt of this.#prompts.values()) {
      if (prompt.calls === 0) continue;
      const values = [...prompt.variables.values(), ...prompt.placeholders.values()]
        .filter(({ calls }) => calls > 0)
        .map(takeValue);
      const { service, label, calls } = prompt;
      prompt.calls = 0;
      taken.set(service, [...(taken.get(service) ?? []), { label, prompt: prompt.prompt, calls, values }]);
    }
    return taken;
  }

  /** Puts back what was taken and could not be told. */
  back(service: string, sends: readonly SentForPrompt[]): void {
    for (const { label, prompt: name, calls, values } of sends) {
      const prompt = this.#promptNamed(service, label, name);
      if (prompt === undefined) continue;
      prompt.calls += calls;
      for (const value of values) {
        const known = value.kind === "variable" ? prompt.variables : prompt.placeholders;
        const sent = known.get(value.name);
        if (sent === undefined) continue;
        sent.calls += value.calls;
        sent.longest = Math.max(sent.longest, value.longest);
        for (const type of value.types) sent.types |= BIT[type];
      }
    }
    this.hasNews = true;
  }
}

function takeValue(sent: Sent): SentValue {
  const { kind, name, longest, calls, types } = sent;
  sent.calls = 0;
  sent.types = 0;
  sent.longest = 0;
  return { kind, name, types: SENT_TYPES.filter((type) => (types & BIT[type]) !== 0), longest, calls };
}

function typeOf(value: unknown): SentType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  const type = typeof value;
  return type === "number" || type === "boolean" || type === "string" ? type : "json";
}

function powerOfTwo(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}
