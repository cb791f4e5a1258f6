import { counted } from "../text/counted.ts";

/** How many of them are named. */
const NAMED = 3;

/** Which datasets are lost, of so many. */
export function sayLost(lost: readonly { readonly name: string }[], of: number): string {
  const names = lost.slice(0, NAMED).map(({ name }) => name);
  const more = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : "";
  return `${lost.length} of ${counted(of, "large dataset")} ${lost.length === 1 ? "is" : "are"} lost: ${names.join(", ")}${more}`;
}
