/** `1 prompt`, `2 prompts`; `1 entry`, `2 entries`; `1,204 users`. Every count that a person reads is written by it. */
export function counted(count: number, one: string, more = `${one}s`): string {
  return `${grouped(count)} ${wordFor(Math.round(count), one, more)}`;
}

/** The word for so many: `wordFor(1, "is", "are")`, `wordFor(1.5, "day")`. */
export function wordFor(count: number, one: string, more = `${one}s`): string {
  return count === 1 ? one : more;
}

/** `9000` as `9,000`, without a locale's formatter, which takes twenty times as long. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
