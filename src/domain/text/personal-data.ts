/** A piece of text that looks like a person's data. */
export interface PersonalData {
  readonly kind:
    | "an e-mail address"
    | "a phone number"
    | "a card number"
    | "a bank account (IBAN)"
    | "a US social security number";
  /** The first and last characters only: a finding must not spread what it found. */
  readonly masked: string;
}

// Domains and numbers that are kept free for examples (RFC 2606, and 555-01xx) are nobody's.
const EXAMPLE_DOMAIN = /(?:^|\.)(?:example|test|invalid|localhost)$|(?:^|\.)example\.(?:com|net|org)$/i;

const DETECTORS: readonly {
  readonly kind: PersonalData["kind"];
  readonly pattern: RegExp;
  readonly holds?: (match: string) => boolean;
}[] = [
  {
    kind: "an e-mail address",
    pattern: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}/g,
    holds: (match) => !EXAMPLE_DOMAIN.test(match.slice(match.indexOf("@") + 1)),
  },
  {
    kind: "a bank account (IBAN)",
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g,
    holds: isIban,
  },
  { kind: "a card number", pattern: /\b(?:\d[ -]?){13,19}\b/g, holds: isCard },
  { kind: "a US social security number", pattern: /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g },
  {
    kind: "a phone number",
    pattern:
      /\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}\b|\(\d{3}\) ?\d{3}-\d{4}\b|\b\d{3}-\d{3}-\d{4}\b/g,
    holds: (match) => !/555-?01\d\d$/.test(match),
  },
];

/** Personal data in a text, by form and check digits. It finds what is written plainly, not everything. */
export function findPersonalData(text: string): PersonalData[] {
  return placesOf(text).map(({ kind, start, end }) => ({
    kind,
    masked: mask(text.slice(start, end).trim()),
  }));
}

/** The text with each of them replaced by what it is, `[card number]`, and which kinds those were. */
export function maskPersonalData(text: string): {
  readonly text: string;
  readonly kinds: PersonalData["kind"][];
} {
  const places = placesOf(text).toSorted((a, b) => a.start - b.start);
  let masked = "";
  let taken = 0;
  for (const { kind, start, end } of places) {
    // A match may end in the space that separates it from what follows.
    const stop = start + text.slice(start, end).trimEnd().length;
    masked += `${text.slice(taken, start)}[${kind.replace(/^an? /, "")}]`;
    taken = stop;
  }
  return { text: masked + text.slice(taken), kinds: [...new Set(places.map(({ kind }) => kind))] };
}

interface FoundAt {
  readonly kind: PersonalData["kind"];
  readonly start: number;
  readonly end: number;
}

function placesOf(text: string): FoundAt[] {
  const found: FoundAt[] = [];
  for (const { kind, pattern, holds } of DETECTORS)
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      const isTaken = found.some((one) => start < one.end && end > one.start);
      if (!isTaken && holds?.(match[0]) !== false) found.push({ kind, start, end });
    }
  return found;
}

function mask(text: string): string {
  return `${text.slice(0, 2)}…${text.slice(-2)}`;
}

/** First digits and lengths of the large card networks. */
const CARD =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|6\d{15,18})$/;

/** A network's number with Luhn's check digit (ISO/IEC 7812). */
function isCard(match: string): boolean {
  const digits = match.replace(/\D/g, "");
  if (!CARD.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The check digits of ISO 13616: the account read as a number is 1 modulo 97. */
function isIban(match: string): boolean {
  const account = match.replaceAll(" ", "");
  if (account.length < 15 || account.length > 34) return false;
  const moved = account.slice(4) + account.slice(0, 4);
  let rest = 0;
  for (const character of moved)
    for (const digit of Number.parseInt(character, 36).toString()) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}
