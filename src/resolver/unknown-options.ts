import { didYouMean } from "../domain/text/suggestion.ts";
import { cut, shown } from "../domain/text/visible.ts";
import type { AnthropicOptions } from "../templates/requests/to-anthropic.ts";
import type {
  CacheOptions,
  PinnedRequest,
  RecordingOptions,
  ResolveRequest,
  ResolverOptions,
} from "./options.ts";
import type { Outcome } from "./recording/outcome.ts";
import type { RenderRequest } from "./serving/rendered-prompt.ts";
import type { Warnings } from "./observing/warnings.ts";

/** Which options each call takes, an entry each: with the compiler's help complete, and no more. */
const KNOWN = {
  "createResolver()": {
    source: 1,
    label: 1,
    preload: 1,
    cache: 1,
    snapshotFile: 1,
    fallback: 1,
    fallbackModels: 1,
    modelAliases: 1,
    pollMs: 1,
    coldTimeoutMs: 1,
    preloadTimeoutMs: 1,
    recording: 1,
    tokens: 1,
    fleet: 1,
    serviceName: 1,
    callers: 1,
    onWarning: 1,
    meter: 1,
  } satisfies Keys<ResolverOptions>,
  "createResolver({ cache })": { max: 1, ttlMs: 1 } satisfies Keys<CacheOptions>,
  "createResolver({ recording })": {
    flushMs: 1,
    batch: 1,
    queue: 1,
    exposedUnits: 1,
    closeTimeoutMs: 1,
  } satisfies Keys<RecordingOptions>,
  "resolve()": {
    prompt: 1,
    label: 1,
    model: 1,
    tenant: 1,
    unit: 1,
    attributes: 1,
    version: 1,
    pin: 1,
  } satisfies Keys<ResolveRequest & PinnedRequest>,
  "render()": {
    history: 1,
    placeholders: 1,
    injection: 1,
    personalData: 1,
    fit: 1,
    cache: 1,
  } satisfies Keys<RenderRequest & AnthropicOptions>,
  "record()": { metrics: 1, feedback: 1, sample: 1, answeredBy: 1, id: 1 } satisfies Keys<Outcome>,
} as const;

type Keys<T> = Readonly<Record<keyof Required<T>, 1>>;
type Call = keyof typeof KNOWN;

/** What other libraries and users call the same. */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  user: "unit",
  userId: "unit",
  user_id: "unit",
  name: "prompt",
  vars: "attributes",
  messages: "history",
};

/** Different mistakes that are remembered as said; a program does not have more of them. */
const MOST = 100;

/**
 * Warns of options that nobody takes, once each: a service in JavaScript has no compiler that would, and what is
 * ignored looks as if it had worked.
 */
export class OptionCheck {
  readonly #warnings: Warnings;
  readonly #warned = new Set<string>();

  constructor(warnings: Warnings) {
    this.#warnings = warnings;
  }

  /** Costs a loop over the keys. `call` is what the options were given to. */
  look(call: Call, given: unknown): void {
    if (typeof given !== "object" || given === null) return;
    const known = KNOWN[call];
    for (const key in given) if (!Object.hasOwn(known, key)) this.#unknown(call, key, Object.keys(known));
    const { unit, injection } = given as { unit?: unknown; injection?: unknown };
    if (call === "resolve()" && typeof unit === "string" && unit !== "" && unit.trim() === "")
      this.#warn(
        `${call}: unit`,
        "resolve(): the unit is blank, so all such requests are one unit; pass who it is, or nothing",
      );
    if (call === "render()" && injection !== undefined && injection !== "flag" && injection !== "reject")
      this.#warn(
        `${call}: injection`,
        `render(): injection ${shown(injection)} is not known, and nothing is looked at; use "flag" or "reject"`,
      );
  }

  #unknown(call: Call, key: string, known: readonly string[]): void {
    const own = ALSO_CALLED[key];
    const meant =
      own !== undefined && known.includes(own) ? `; did you mean "${own}"?` : didYouMean(key, known);
    const advice =
      meant ||
      (call === "record()"
        ? `; a metric stands in metrics: { metrics: { ${cut(key)}: … } }`
        : `; it takes ${known.join(", ")}`);
    this.#warn(`${call}: ${cut(key)}`, `${call} takes no option ${shown(key)}, and ignores it${advice}`);
  }

  #warn(what: string, message: string): void {
    if (this.#warned.has(what) || this.#warned.size >= MOST) return;
    this.#warned.add(what);
    this.#warnings.report("unknown_option", message);
  }
}
