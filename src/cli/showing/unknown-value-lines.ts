import { didYouMean } from "../../domain/text/suggestion.ts";
import { shown } from "../../domain/text/visible.ts";
import type { UnknownValue } from "../../domain/shapes/prompts.ts";

const NOTHING_HAS = {
  text: "no prompt has this in its name or description: ",
  tag: "no prompt has the tag ",
  label: "nothing is served for the label ",
  model: "no prompt's newest version asks the model ",
};

/** So many are named where none is near enough to be meant. */
const MOST_NAMED = 8;

/** What a filter of `list` asks for that nothing has, one line each, with what may have been meant. */
export function unknownValueLines(unknown: readonly UnknownValue[]): string[] {
  return unknown.map(({ filter, value, known }) => {
    const message = `${NOTHING_HAS[filter]}${shown(value)}`;
    const meant = didYouMean(value, known);
    if (meant !== "" || known.length === 0 || filter === "text") return `${message}${meant}`;
    const named = known.slice(0, MOST_NAMED).join(", ");
    return `${message}; there is ${named}${known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} more` : ""}`;
  });
}
