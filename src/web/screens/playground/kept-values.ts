import { signedIn } from "../../data/session.ts";
import { go, playPath } from "../../route.ts";

type Values = Readonly<Record<string, unknown>>;

/** Of one person and prompt, in this window alone: what they try with may be somebody's own words. */
const placeOf = (prompt: string) => `sluice.tried ${JSON.stringify([signedIn.get()?.owner, prompt])}`;

/** What the prompt was last tried with here. */
export function keptValues(prompt: string): Values | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(placeOf(prompt)) ?? "") as Values;
  } catch {
    return undefined;
  }
}

export function keepValues(prompt: string, values: Values): void {
  try {
    sessionStorage.setItem(placeOf(prompt), JSON.stringify(values));
  } catch {
    // Without room for them they are on the page alone.
  }
}

/** Goes to the playground with these values in place: they stay out of the address, which others may see. */
export function openPlayground(
  prompt: string,
  of: readonly (number | { readonly draft: string })[],
  values: Values,
): void {
  keepValues(prompt, values);
  go(playPath(prompt, of));
  scrollTo(0, 0);
}
