import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const files = globSync(["src/**/*.{ts,tsx}", "workflows/*.ts", "activities/*.ts", "workers/*.ts"], {
  cwd: ROOT,
}).map((file) => ({
  file: file.replaceAll("\\", "/"),
  lines: readFileSync(path.join(ROOT, file), "utf8").split("\n").length - 1,
}));
const sizes = files.map(({ lines }) => lines).toSorted((a, b) => a - b);

it("files are small: half of them under 80 lines, nineteen of twenty under 220, none over 300 but the tables", () => {
  expect(sizes.length).toBeGreaterThan(500);
  expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(80);
  expect(sizes[Math.floor(sizes.length * 0.95)]).toBeLessThanOrEqual(220);
  const long = files.filter(({ file, lines }) => lines > 300 && file !== "src/storage/tables.ts");
  expect(long).toEqual([]);
});
