import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MODEL_TABLE, MODEL_TABLE_DATE } from "../../src/domain/models/model-table.ts";
import { factsOf } from "../../src/domain/models/models.ts";
import { FALLBACK_MODELS } from "../../src/resolver/serving/neutral-artifact.ts";

const ROOT = `${import.meta.dirname}/../..`;
/** What a newcomer copies from, or is given without asking. */
const SHIPPED = ["README.md", "docs/**/*.md", "examples/**/*.*", "src/**/*.ts"];
/** `openai/gpt-5.4-mini`, or with a colon as promptfoo writes it; what follows a `+` is for the scripted model. */
const NAMED =
  /\b(openai|anthropic)(?:\/|:(?:chat:|messages:|responses:)?)([a-z][a-z]*-?\d[a-z0-9.-]*[a-z0-9]|claude-[a-z0-9.-]*[a-z0-9])/g;

function inAYear(day: string): string {
  return `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`;
}

/** The models that a text names and that the table says will be gone within a year of its own date. */
function shortLived(text: string): string[] {
  return [...text.matchAll(NAMED)]
    .map(([, provider, name]) => `${provider}/${name}`)
    .filter((model) => {
      const retires = factsOf(model)?.retires;
      return retires !== undefined && retires < inAYear(MODEL_TABLE_DATE);
    });
}

describe("models in what is shipped", () => {
  const files = SHIPPED.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).filter(
    (file) => file !== "src/domain/models/model-table.ts",
  );

  it("do not retire within a year, where the table knows: in pages, examples, the starter and hints", () => {
    const found = files.flatMap((file) =>
      shortLived(readFileSync(`${ROOT}/${file}`, "utf8")).map((model) => `${file}: ${model}`),
    );
    expect(found).toEqual([]);
  });

  it("are found by that check wherever they stand, and however they are written", () => {
    expect(Object.values(MODEL_TABLE).filter((facts) => "retires" in facts).length).toBeGreaterThan(10);
    expect(
      shortLived(
        "model: openai/gpt-4.1-mini\n`openai:chat:gpt-5-mini`, anthropic:messages:claude-sonnet-4-5.",
      ),
    ).toEqual(["openai/gpt-4.1-mini", "openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"]);
    const named = files.flatMap((file) => [...readFileSync(`${ROOT}/${file}`, "utf8").matchAll(NAMED)]);
    expect(named.length).toBeGreaterThan(10);
  });

  it("of the fallback are models that the table knows, and stay", () => {
    for (const [provider, model] of Object.entries(FALLBACK_MODELS)) {
      expect(factsOf(`${provider}/${model}`)).toBeDefined();
      expect(shortLived(`${provider}/${model}`)).toEqual([]);
    }
  });
});
