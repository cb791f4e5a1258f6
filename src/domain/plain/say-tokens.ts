import { size, value } from "./amounts.ts";
import { said, type Said } from "./said.ts";

/** Of a part of them: never one. */
const TOKENS = "tokens";

/** What two versions cost a call, and what that buys. */
export interface TokenUse {
  /** The version before, as `@7`. */
  readonly before: string;
  /** Tokens a call. */
  readonly tokens: { readonly now: number; readonly before: number };
  /** US dollars more for a thousand calls; null where no price is known. */
  readonly moreCost: number | null;
  /** By how much ratings are better, where that is shown; null: it is not. */
  readonly better: number | null;
}

/** A version that uses more tokens than the one before has to be worth it. */
export function sayTokens({ before, tokens, moreCost, better }: TokenUse): Said {
  const growth = tokens.now / tokens.before - 1;
  const cost =
    moreCost === null
      ? ""
      : `, about ${size(moreCost, { kind: "money" })} ${moreCost < 0 ? "less" : "more"} per 1,000 calls`;
  const plain = (of: number) => value(Math.round(of), { kind: "number", unit: null });
  const sides = `than ${before} (${plain(tokens.now)} against ${plain(tokens.before)} a call${cost})`;
  if (growth <= 0) return said("calm", `${percent(-growth)} fewer ${TOKENS}`, `${sides}.`);
  return better === null
    ? said("wait", `${percent(growth)} more ${TOKENS}`, `${sides}, and ratings are not better.`)
    : said(
        "calm",
        `${percent(growth)} more ${TOKENS}`,
        `${sides}, and ratings are better by ${size(better, { kind: "number", unit: null })}.`,
      );
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
