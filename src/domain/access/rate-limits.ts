import { invalidInput } from "../errors.ts";
import { shown } from "../text/visible.ts";

/** What a request to a server costs, so how many a key may send. */
export const RATE_CLASSES = ["read", "write", "heavy", "serve", "intake"] as const;
/** Requests a second, in the long run, by class; a class that is absent has its usual limit. */
export type RateLimits = Readonly<Partial<Record<(typeof RATE_CLASSES)[number], number>>>;

/** Reads `read=500,write=50`. Anything else is `invalid_input` that names the variable. */
export function readRateLimits(text: string, variable: string): RateLimits {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  return Object.fromEntries(
    parts.map((part) => {
      const [, kind, number] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(part) ?? [];
      const known = RATE_CLASSES.find((one) => one === kind);
      const perSecond = Number(number);
      if (known !== undefined && perSecond > 0) return [known, perSecond];
      throw invalidInput(
        `${variable} says how many requests a second a key may send, as in read=500,write=50 (${RATE_CLASSES.join(", ")}); ${shown(part)} does not`,
        { name: variable },
      );
    }),
  );
}
