import { expect, it } from "vitest";
import { type Answering, withAnswering } from "../../../src/domain/monitors/answering.ts";

const TARGET = "openai/gpt-5-mini";
const seen = (name: string, n = 30, total = 40, target = TARGET) => ({ target, name, n, total });

it("is a change once for a name, however often a vendor goes back and forth", () => {
  let known: Answering | null = null;
  const changes: boolean[] = [];
  for (const name of ["may", "may", "august", "may", "august", "october"]) {
    const found = withAnswering(known, seen(name));
    changes.push(found?.isChange ?? false);
    known = found?.answering ?? known;
  }
  expect(changes).toEqual([false, false, true, false, false, true]);
  expect(known).toEqual({ target: TARGET, names: ["may", "august", "october"] });
});

it("takes neither a few calls nor half of them for a change, nor another target", () => {
  const known = { target: TARGET, names: ["may"] };
  expect(withAnswering(known, seen("august", 19, 19))).toBeUndefined();
  expect(withAnswering(known, seen("august", 20, 40))).toBeUndefined();
  expect(withAnswering(known, seen("august", 21, 40))?.isChange).toBe(true);
  expect(withAnswering(known, seen("august", 40, 40, "openai/gpt-6"))).toEqual({
    answering: { target: "openai/gpt-6", names: ["august"] },
    isChange: false,
  });
});
