import { invalidInput } from "../../../domain/errors.ts";
import type { Grants } from "../../../domain/access/grants.ts";
import type { CategoryValues, LangfuseGrants, UnitMark } from "../../../domain/shapes/keys.ts";
import { shown } from "../../../domain/text/visible.ts";
import type { Given } from "../../parsing/given.ts";

/** What a key's requests mean where Langfuse's clients make them: what was typed of it. */
export function readLangfuseGrants(given: Given<"keys create">): Pick<Grants, "browserScores" | "langfuse"> {
  // The parser has refused any other words.
  const unit = given.text("langfuseUnit") as UnitMark | undefined;
  const untrusted = given.text("langfuseUntrusted") as LangfuseGrants["untrusted"];
  const tenant = given.text("langfuseTenant");
  const defaultModel = given.text("langfuseDefaultModel");
  const scores = readScores(given.list("langfuseScore"));
  const langfuse: LangfuseGrants = {
    ...(unit !== undefined && { unit }),
    ...(tenant !== undefined && { tenant }),
    ...(defaultModel !== undefined && { defaultModel }),
    ...(untrusted !== undefined && { untrusted }),
    ...(Object.keys(scores).length > 0 && { scores }),
  };
  return {
    ...(given.flag("browserScores") && { browserScores: true }),
    ...(Object.keys(langfuse).length > 0 && { langfuse }),
  };
}

/** `thumbs:up=1` and `thumbs:down=0` are `{ thumbs: { up: 1, down: 0 } }`. */
function readScores(texts: readonly string[]): CategoryValues {
  const scores = new Map<string, Map<string, number>>();
  for (const text of texts) {
    const [, score, category, value] = /^([^:]+):(.+)=([^=]+)$/.exec(text) ?? [];
    const number = value === undefined || value.trim() === "" ? Number.NaN : Number(value);
    if (score === undefined || category === undefined || !Number.isFinite(number))
      throw invalidInput(
        `--langfuse-score must be a score, a category of it and a number, as in thumbs:up=1, not ${shown(text)}`,
        { option: "langfuse-score" },
      );
    const values = scores.get(score) ?? new Map<string, number>();
    scores.set(score, values.set(category, number));
  }
  return Object.fromEntries([...scores].map(([score, values]) => [score, Object.fromEntries(values)]));
}
