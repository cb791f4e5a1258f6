import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KINDS } from "./vector-kinds.ts";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly input: unknown;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly rtol: number;
  readonly atol: number;
  readonly informational?: boolean;
  readonly informational_keys?: readonly string[];
}

/** Below this an absolute tolerance says nothing: the digits themselves must agree. */
const TINY = 1e-12;

const file = process.env["STATISTICS_VECTORS"] ?? new URL("../fixtures/statistics.json", import.meta.url);
const { vectors, count } = JSON.parse(readFileSync(file, "utf8")) as { vectors: Vector[]; count?: number };

function agrees(got: unknown, wanted: unknown, key: string, { rtol, atol }: Vector): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(got) &&
      got.length === wanted.length &&
      wanted.every((item, i) => agrees(got[i], item, key, { rtol, atol } as Vector))
    );
  if (typeof wanted !== "number") return got === wanted;
  if (typeof got !== "number" || !Number.isFinite(got)) return false;
  const error = Math.abs(got - wanted);
  if (error > atol + rtol * Math.abs(wanted)) return false;
  const probability = /^(p|p_.*|holm|bh|bonferroni|value)$/.test(key);
  return !probability || wanted === 0 || Math.abs(wanted) >= TINY || error <= rtol * Math.abs(wanted);
}

describe("The reference values of the statistics", () => {
  it("are all there", () => {
    expect(vectors.length).toBeGreaterThan(0);
    expect(vectors).toHaveLength(count ?? vectors.length);
  });

  for (const vector of vectors.filter((each) => !each.informational))
    it(`${vector.id} ${vector.kind}: ${vector.name}`, () => {
      const answer = KINDS[vector.kind];
      if (!answer) throw new Error(`no function answers vectors of the kind "${vector.kind}"`);
      const got = answer(vector.input);
      for (const [key, wanted] of Object.entries(vector.expected)) {
        if (vector.informational_keys?.includes(key)) continue;
        expect(got, `${vector.kind} has no answer for "${key}"`).toHaveProperty(key);
        expect(
          agrees(got[key], wanted, key, vector),
          `${key}: got ${String(got[key])}, wanted ${String(wanted)}`,
        ).toBe(true);
      }
    });
});
