import { invalidInput } from "../../domain/errors.ts";
import { hashText, seededRandom } from "./seeded-random.ts";

/** Ways of giving no answer. */
const REFUSING = [
  "429",
  "500",
  "529",
  "401",
  "malformed",
  "html",
  "empty",
  "hang",
  "reset",
  "context-length",
  "content-filter",
] as const;
/** Ways of giving an answer that is broken, or told in an unusual way. */
const BREAKING = [
  "cut",
  "reset-mid",
  "error-event",
  "529-in-stream",
  "stall-first",
  "stall-mid",
  "drip",
  "bad-json",
  "bad-tool-args",
  "no-usage",
  "usage-in-choice",
] as const;
export type RefusingFault = (typeof REFUSING)[number];
export type BreakingFault = (typeof BREAKING)[number];
export type Fault = RefusingFault | BreakingFault;
export const FAULTS: readonly Fault[] = [...REFUSING, ...BREAKING];

export function isBreaking(fault: Fault): fault is BreakingFault {
  return BREAKING.some((one) => one === fault);
}

/** How the server behaves, apart from what it says. */
export interface Behaviour {
  readonly seed: number;
  /** How long an answer takes, in ms, give or take a fifth. */
  readonly latencyMs: number;
  /** The share of attempts that fail, 0 to 1. */
  readonly errorRate: number;
  /** What a failing attempt gets; which one is drawn by the seed. */
  readonly faults: readonly Fault[];
  /** The share of answers that are wrong, 0 to 1: {@link WRONG_ANSWER} instead of what would have been said. */
  readonly wrongRate: number;
}

export const WRONG_ANSWER = "I would rather talk about the weather.";

export const DEFAULT_BEHAVIOUR: Behaviour = {
  seed: 1,
  latencyMs: 0,
  errorRate: 0,
  faults: ["429", "500"],
  wrongRate: 0,
};

type Setting = (text: string) => Partial<Behaviour>;

const SETTINGS: Readonly<Record<string, Setting>> = {
  seed: (text) => ({ seed: number("seed", text, 0, 0xffff_ffff) }),
  latency: (text) => ({ latencyMs: number("latency", text, 0, 600_000) }),
  "error-rate": (text) => ({ errorRate: number("error-rate", text, 0, 1) }),
  "wrong-rate": (text) => ({ wrongRate: number("wrong-rate", text, 0, 1) }),
  faults: (text) => ({ faults: text.split(/[,|]/).map(fault) }),
};

/**
 * A request may ask for another behaviour: by headers (`x-sluice-latency: 200`) or in the model's name
 * (`gpt-5.4-mini+latency=200+error-rate=0.1+faults=429|html`), where a prompt file can say it.
 */
export function behaviourFor(
  base: Behaviour,
  model: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): { readonly model: string; readonly behaviour: Behaviour } {
  const [name = model, ...suffixes] = model.split("+");
  let behaviour = base;
  for (const key of Object.keys(SETTINGS)) {
    const header = headers[`x-sluice-${key}`];
    if (typeof header === "string") behaviour = { ...behaviour, ...SETTINGS[key]!(header) };
  }
  for (const suffix of suffixes) {
    const [key = "", text = ""] = suffix.split("=");
    const read = SETTINGS[key];
    if (!read)
      throw invalidInput(
        `unknown setting "${key}" in the model's name; known: ${Object.keys(SETTINGS).join(", ")}`,
      );
    behaviour = { ...behaviour, ...read(text) };
  }
  return { model: name, behaviour };
}

/** What goes wrong with the nth attempt at a request, or its answer, and how long it takes: drawn by seed, text and n. */
export function drawAttempt(
  behaviour: Behaviour,
  text: string,
  attempt: number,
): { fault: Fault | undefined; delayMs: number; isWrong: boolean } {
  const random = seededRandom(hashText(`${attempt}:${text}`, behaviour.seed));
  const delayMs = behaviour.latencyMs * (0.8 + 0.4 * random());
  const fails = random() < behaviour.errorRate;
  const { faults } = behaviour;
  const fault = fails ? faults[Math.floor(random() * faults.length)] : undefined;
  return { delayMs, fault, isWrong: random() < behaviour.wrongRate };
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= most))
    throw invalidInput(`${name}: "${text}" is not a number from ${least} to ${most}`);
  return value;
}

function fault(text: string): Fault {
  const found = FAULTS.find((one) => one === text.trim());
  if (!found) throw invalidInput(`unknown fault "${text}"; known: ${FAULTS.join(", ")}`);
  return found;
}
