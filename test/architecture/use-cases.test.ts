import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const FOLDER = path.resolve(import.meta.dirname, "../../src/use-cases");
/** What a use case may begin with: a new one is a new verb, and belongs into this list. */
const VERBS =
  "abort advance answer archive assume await begin bundle change check checkpoint choose clear conclude configure control create decide deliver diff discard forget imagine keep list load look make move name notify open order plan prepare propagate publish push read recompute record redeem redrive refuse remember replace replay report request require reset resolve resume roll rotate save set share show simulate size start stop sweep trust try watch withdraw".split(
    " ",
  );

describe("use cases", () => {
  it.each(readdirSync(FOLDER))("%s is a verb, and exports it", (file) => {
    const [verb] = path.basename(file, ".ts").split("-");
    expect(VERBS).toContain(verb);
    const exported = [
      ...readFileSync(path.join(FOLDER, file), "utf8").matchAll(/^export (?:async )?function (\w+)/gm),
    ];
    expect(exported.map(([, name]) => name)).toContainEqual(expect.stringMatching(new RegExp(`^${verb}`)));
  });
});
