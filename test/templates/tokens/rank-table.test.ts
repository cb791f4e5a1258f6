import { describe, expect, it } from "vitest";
import { RankTable } from "../../../src/templates/tokens/rank-table.ts";

const base64 = (bytes: number[]) => Buffer.from(bytes).toString("base64");
const textOf = (bytes: number[]) => String.fromCharCode(...bytes);

describe("a table of ranks", () => {
  const tokens = Array.from({ length: 3_000 }, (_, n) => [n & 0xff, ...(n > 255 ? [n >> 8, n % 7] : [])]);
  const line = (from: number, to: number, first: number) =>
    `! ${first} ${tokens.slice(from, to).map(base64).join(" ")}`;
  const table = new RankTable(`${line(0, 2_000, 0)}\n${line(2_000, 3_000, 7_000)}`);

  it("knows the rank of each token, each line's from its own first one", () => {
    const ranks = tokens.map((bytes) => table.rankOf(textOf(bytes)));
    expect(ranks).toEqual(tokens.map((_, n) => (n < 2_000 ? n : 5_000 + n)));
  });

  it("finds one in the middle of a text, and none that is only the beginning of one, or a longer one", () => {
    const [token] = tokens.slice(-1) as [number[]];
    const text = `a${textOf(token)}a`;
    expect(table.rankOf(text, 1, 1 + token.length)).toBe(7_999);
    expect(table.rankOf(text, 1)).toBe(Infinity);
    expect(table.rankOf(text, 1, token.length)).toBe(Infinity);
    expect(table.rankOf("\u0141")).toBe(Infinity);
  });
});
