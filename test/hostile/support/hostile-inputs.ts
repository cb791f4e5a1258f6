import { pick } from "../../../src/local/model-server/seeded-random.ts";

/** Numbers in [0, 1) that depend on a seed alone. */
export type Random = () => number;

/** What acts on a terminal, hides, breaks a line, a parser or a store: each is put where a text stands. */
const PIECES = [
  "\u001b[2J\u001b]0;owned\u0007",
  "\u009b31m",
  "\u0000",
  "\r\nX-Injected: 1",
  "\u202eevil\u2066",
  "\ud800",
  "\u2028",
  "\u200b",
  "__proto__",
  "constructor",
  "toString",
  "{{ x | default({{ y }}) }}",
  "{% for a in b %}{% for a in a %}",
  "{{ '".repeat(40),
  "${a.b[0]}",
  "&a [*a, *a]",
  "!!js/function 'x'",
  "<<: *x",
  "---\n...\n",
  "%TAG ! tag:x\n",
  "'; drop table sluice.audit; --",
  "../../../../etc/passwd",
  "file:///etc/passwd",
  "-".repeat(200),
  "[".repeat(300),
  '{"a":'.repeat(200),
  "9".repeat(400),
  "1e999",
  "-0",
  "NaN",
  "2026-02-30",
  "\ufeff",
  "a".repeat(5_000),
  "(a+)+$",
  "$(id)`id`|id",
  "%s%n%x",
] as const;

const VALUES: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0.1,
  () => 2 ** 63,
  () => -(2 ** 31) - 1,
  () => 1e308,
  () => "",
  () => [],
  () => ({}),
  () => JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
  () => nested(200),
  () => Array.from({ length: 300 }, (_, index) => index),
  () => Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index])),
];

/** One of some good texts with a few things wrong with it. */
export function hostileText(good: readonly [string, ...string[]], random: Random): string {
  let text = pick(good, random);
  for (let change = 1 + Math.floor(random() * 4); change > 0; change--) text = changed(text, good, random);
  return text;
}

function changed(text: string, good: readonly [string, ...string[]], random: Random): string {
  const at = Math.floor(random() * (text.length + 1));
  const to = Math.min(text.length, at + Math.floor(random() * 40));
  const lines = text.split("\n");
  const line = Math.floor(random() * lines.length);
  switch (Math.floor(random() * 8)) {
    case 0:
      return text.slice(0, at) + pick(PIECES, random) + text.slice(at);
    case 1:
      return text.slice(0, at) + pick(PIECES, random) + text.slice(to);
    case 2:
      return text.slice(0, at);
    case 3:
      return text.slice(0, at) + text.slice(to);
    case 4:
      return text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0x1_0000)) + text.slice(at + 1);
    case 5:
      return lines.toSpliced(line, 0, lines[Math.floor(random() * lines.length)]!).join("\n");
    case 6:
      return lines
        .map((one, index) => (index === line ? one.replace(/:.*/, () => `: ${pick(PIECES, random)}`) : one))
        .join("\n");
    default:
      return text.slice(0, at) + pick(good, random).slice(at);
  }
}

/** A good value with one or a few of its parts replaced, left out, or named otherwise. */
export function hostileJson<T>(good: T, random: Random): unknown {
  let value: unknown = structuredClone(good);
  for (let change = 1 + Math.floor(random() * 3); change > 0; change--) value = changedPart(value, random);
  return value;
}

function changedPart(value: unknown, random: Random): unknown {
  const isHolder = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!isHolder || random() < 0.15) return hostileValue(random);
  const holder = value as Record<string, unknown>;
  const key = pick(Object.keys(holder) as [string, ...string[]], random);
  const how = Array.isArray(value) ? 1 : random();
  if (how < 0.1) delete holder[key];
  else if (how < 0.2)
    Object.defineProperty(holder, pick(PIECES, random), {
      value: holder[key],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else holder[key] = changedPart(holder[key], random);
  return holder;
}

export function hostileValue(random: Random): unknown {
  return random() < 0.5 ? pick(PIECES, random) : VALUES[Math.floor(random() * VALUES.length)]!();
}

/** Words of a command line. */
export function hostileWords(good: readonly string[], random: Random): string[] {
  const words = [...good];
  for (let change = 1 + Math.floor(random() * 3); change > 0; change--) {
    const at = Math.floor(random() * (words.length + 1));
    const word = pick(
      ["--", "-", "--json", "--label", "--label=", "-m", `--${pick(PIECES, random)}`, pick(PIECES, random)],
      random,
    );
    words.splice(at, random() < 0.5 ? 0 : 1, word);
  }
  // A process is given no word with a NUL in it.
  return words.map((word) => word.replaceAll("\0", ""));
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
