import { notFound } from "../errors.ts";
import { shown } from "./visible.ts";

/** What people type of an id: its first characters. */
const PREFIX = /^[0-9a-f-]{4,36}$/i;

/** The beginning of an id as it is looked for; undefined where the text can be none. */
export function idPrefix(text: string): string | undefined {
  return PREFIX.test(text) ? text.toLowerCase() : undefined;
}

/** What there is an id of, and which command lists them. */
export interface Identified {
  readonly name: string;
  readonly list: string;
}

export const DEAD_LETTER: Identified = { name: "dead letter", list: "sluice dead-letters list --all" };
export const ALERT: Identified = { name: "alert", list: "sluice alerts --all" };
export const MONITOR: Identified = { name: "monitor", list: "sluice monitors list" };
export const ROLLOUT: Identified = { name: "rollout", list: "sluice rollout list" };

/** The one of those whose ids begin so; `not_found` where there is none, or more than one. */
export function oneByPrefix<T>(found: readonly T[], text: string, { name, list }: Identified): T {
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  throw notFound(
    one === undefined
      ? `there is no ${name} ${shown(text)}; see: ${list}`
      : `more than one ${name} begins with ${shown(text)}; give more of the id`,
    { id: text },
  );
}
