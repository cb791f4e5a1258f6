import { invalidInput } from "../domain/errors.ts";
import { maskPersonalData, type PersonalData } from "../domain/text/personal-data.ts";
import type { RenderedMessage } from "./rendered-message.ts";
import type { RenderOptions } from "./render-options.ts";

const WAYS = ["flag", "mask", "reject"] as const;

/** What goes past it is as it was, or masked; it says of what, and never what it was. */
interface PersonalDataGuard {
  /** A value that is plain data. */
  value(what: string, value: unknown): unknown;
  messages(placeholder: string, messages: readonly RenderedMessage[]): RenderedMessage[];
}

/** Undefined where nothing is to be looked at. A way that there is none of is `invalid_input`: it must not let all through. */
export function personalDataGuard(
  way: RenderOptions["personalData"],
  warnings: string[],
): PersonalDataGuard | undefined {
  if (way === undefined) return undefined;
  if (!WAYS.includes(way))
    throw invalidInput(`personalData: use ${WAYS.join(", ")}`, { option: "personalData" });
  const say = (what: string, kinds: ReadonlySet<PersonalData["kind"]>): void => {
    if (kinds.size === 0) return;
    const problem = `${what} holds what looks like ${[...kinds].join(", ")}`;
    if (way === "reject") throw invalidInput(problem, { kinds: [...kinds] });
    warnings.push(way === "mask" ? `${problem}, which was masked` : problem);
  };
  const looked = (what: string, value: unknown): unknown => {
    const kinds = new Set<PersonalData["kind"]>();
    const masked = maskedValue(value, kinds);
    say(what, kinds);
    return way === "mask" ? masked : value;
  };
  return {
    value: looked,
    messages: (placeholder, messages) =>
      messages.map(
        (message, i) => looked(`placeholder "${placeholder}", message ${i + 1}`, message) as RenderedMessage,
      ),
  };
}

/** Texts, and the numbers that a card or an account is as a number, at any depth; names of keys too. */
function maskedValue(value: unknown, kinds: Set<PersonalData["kind"]>): unknown {
  if (typeof value === "string") return maskedText(value, kinds);
  if (typeof value === "number") {
    const text = String(value);
    const masked = maskedText(text, kinds);
    return masked === text ? value : masked;
  }
  if (Array.isArray(value)) return value.map((item) => maskedValue(item, kinds));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [maskedText(key, kinds), maskedValue(item, kinds)]),
  );
}

function maskedText(text: string, kinds: Set<PersonalData["kind"]>): string {
  const masked = maskPersonalData(text);
  for (const kind of masked.kinds) kinds.add(kind);
  return masked.text;
}
