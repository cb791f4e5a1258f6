import { describe, expect, it } from "vitest";
import { digestJson } from "../../src/digest.ts";
import type { Artifact } from "../../src/domain/prompt/artifact.ts";
import { composeArtifact, type IncludedVersion } from "../../src/domain/prompt/include.ts";
import { seededRandom } from "../../src/statistics/planning/seeded-random.ts";
import { loadPromptFile } from "../../src/templates/load-prompt-file.ts";
import { recompose } from "../../src/templates/recompose.ts";

const file = (text: string) => loadPromptFile(`name: f\nmodel: openai/gpt-5-mini\n${text}`, "f.yaml");

/** A file with the versions that its includes name, as pushing it makes it. */
function composed(text: string, versions: readonly IncludedVersion[]): Artifact {
  const { artifact, includes = [] } = file(text);
  const parts = includes.map((request) => {
    const version = versions.find(
      ({ prompt, number }) => prompt === request.prompt && number === request.number,
    );
    return { request, version: version! };
  });
  return composeArtifact(artifact, parts);
}

describe("a version with another version of what it includes", () => {
  it("is what pushing its file makes, to the last byte", () => {
    const random = seededRandom(19);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const say = (text: string) => `{ role: ${pick(["user", "assistant"])}, content: '${text}' }`;
    const some = (most: number, text: () => string) =>
      Array.from({ length: Math.floor(random() * (most + 1)) }, () => say(text()));
    const version = (prompt: string, number: number): IncludedVersion => {
      const name = pick(["tone", "topic", undefined]);
      const declared = name ? `variables: { ${name}: { type: ${pick(["string", "number"])} } }\n` : "";
      const messages = [say(name ? `a {{ ${name} }}` : "x"), ...some(2, () => pick(["x", "y"]))];
      const { artifact } = file(`${declared}messages: [${messages.join(", ")}]\n`);
      return { prompt, number, sha256: digestJson(artifact), artifact };
    };
    let refused = 0;
    for (let seed = 0; seed < 60; seed++) {
      const [old, newer, other] = [version("one", 1), version("one", 2), version("other", 1)];
      const declared = "variables: { mine: { type: string } }\n";
      const own = () => some(2, () => pick(["x", "{{ mine }}"]));
      const parts = [own(), own(), own()];
      const order = pick([
        ["one", "other"],
        ["other", "one"],
      ]);
      const text = (number: number) => {
        const includes = order.map((name) => `{ include: ${name}@${name === "one" ? number : 1} }`);
        return `${declared}messages: [${[...parts[0]!, includes[0], ...parts[1]!, includes[1], ...parts[2]!].join(", ")}]\n`;
      };
      const made = attempt(() => composed(text(1), [old, other]));
      if (typeof made === "string") continue;
      const pushed = attempt(() => composed(text(2), [newer, other]));
      const anew = attempt(() => recompose(made, new Map([["one", { from: old.artifact, to: newer }]])));
      // Both say which does not fit, of another place.
      if (typeof pushed === "string") refused++;
      expect(typeof anew === "string" ? "refused" : digestJson(anew), text(2)).toBe(
        typeof pushed === "string" ? "refused" : digestJson(pushed),
      );
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("keeps a variable that its own messages read, and is refused where the newer version says otherwise of it", () => {
    const style = (number: number, spec: string, text: string): IncludedVersion => {
      const { artifact } = file(`${spec}messages: [{ role: user, content: '${text}' }]\n`);
      return { prompt: "style", number, sha256: digestJson(artifact), artifact };
    };
    const old = style(1, "variables: { tone: { type: string } }\n", "{{ tone }}");
    const own = "variables: { tone: { type: string } }\n";
    const made = composed(`${own}messages: [{ include: style@1 }, { role: user, content: '{{ tone }}' }]\n`, [
      old,
    ]);
    const anew = (to: IncludedVersion) =>
      recompose(made, new Map([["style", { from: old.artifact, to }]])).variables;
    const needed = "variables: { tone: { type: string, required: true } }\n";
    expect(() => anew(style(2, needed, "{{ tone }}"))).toThrow(/declares variable "tone" differently/);
    expect(anew(style(3, "", "x"))).toEqual({ tone: { type: "string" } });
  });
});

function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return (error as Error).message;
  }
}
