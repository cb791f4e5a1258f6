import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const styles = (name: string) =>
  readFileSync(new URL(`../../src/web/styles/${name}`, import.meta.url), "utf8");
type Colour = readonly [number, number, number];
type Theme = Readonly<Record<string, Colour>>;

const colourOf = (hex: string) =>
  hex.match(/[0-9a-f]{2}/g)!.map((part) => Number.parseInt(part, 16)) as unknown as Colour;

/** The colours that have names, light and dark. */
function themesOf(css: string): readonly Theme[] {
  const named = [...css.matchAll(/--([\w-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)/g)];
  return [2, 3].map((at) => Object.fromEntries(named.map((found) => [found[1]!, colourOf(found[at]!)])));
}

/** WCAG's ratio of two colours, from 1. */
function contrast(one: Colour, other: Colour): number {
  const [light, dark] = [one, other].map(luminance).toSorted((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}
function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
const over = (ground: Colour, colour: Colour, share: number) =>
  ground.map((part, at) => part + share * (colour[at]! - part)) as unknown as Colour;

/** Of the versions in the pictures of usage. */
const VERSIONS = [
  ...styles("9-usage.css").matchAll(/--line-color: light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)/g),
].map(([, ...themes]) => themes.map(colourOf));

describe.each([
  ["light", 0],
  ["dark", 1],
])("the colours of the %s theme", (_, at) => {
  const theme = themesOf(styles("0-tokens.css"))[at]!;
  const chart = styles("8-chart.css");
  const chartColours = [
    ...new Set(
      [...chart.matchAll(/\.chart [^{]*\{[^}]*?stroke: var\(--([\w-]+)\)/g)].map(([, name]) => name!),
    ),
  ].filter((name) => name !== "line");

  it("keep what is drawn and what has the focus apart from their grounds, 3 to 1", () => {
    expect(chartColours).toEqual(expect.arrayContaining(["accent", "harm", "good", "ink", "line-strong"]));
    expect(VERSIONS).toHaveLength(5);
    const drawn: (readonly [string, Colour])[] = [
      ...[...chartColours, "ring"].map((name) => [name, theme[name]!] as const),
      ...VERSIONS.map((themes, line) => [`version ${line}`, themes[at]!] as const),
    ];
    const low = drawn.flatMap(([name, colour]) =>
      ["surface", "ground", "raised"]
        .map((ground) => [name, ground, contrast(colour, theme[ground]!)] as const)
        .filter(([, , ratio]) => ratio < 3),
    );
    expect(low).toEqual([]);
  });

  it("keep the ranges of a picture apart from their ground and from each other", () => {
    const shares = [...chart.matchAll(/\.range(?:\.pale)? \{[^}]*?fill-opacity: ([\d.]+)/g)];
    const [range, pale] = shares.map(([, share]) => over(theme["surface"]!, theme["accent"]!, Number(share)));
    expect(contrast(pale!, theme["surface"]!)).toBeGreaterThanOrEqual(1.15);
    expect(contrast(range!, pale!)).toBeGreaterThanOrEqual(1.05);
  });
});
