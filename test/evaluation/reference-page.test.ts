import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ASSERT_SET, ASSERTION_KINDS } from "../../src/evaluation/grading/assertions/registry.ts";
import { MAX_OUTPUT } from "../../src/evaluation/grading/case-result.ts";
import { SCRIPT_MEMORY_BYTES, SCRIPT_TIMEOUT_MS } from "../../src/evaluation/sandbox/run-script.ts";
import { MAX_ANSWER_BYTES } from "../../src/providers/bounded-fetch.ts";
import { OUTPUT_LIMIT_UNDER_BUDGET } from "../../src/providers/budget.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/reference/evaluation.md"), "utf8");

describe("the page on the evaluation", () => {
  it("lists every assertion type that runs, and no other", () => {
    const table = page.slice(page.indexOf("## Assertions"), page.indexOf("A **judge**"));
    const listed = [...table.matchAll(/^\| ([^|]*)\|/gm)]
      .flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)])
      .map(([, type]) => type!)
      .filter((type) => type !== "not-");
    expect(listed.toSorted()).toEqual([...ASSERTION_KINDS.keys(), ASSERT_SET].toSorted());
  });

  it("gives the limits that hold", () => {
    expect(page).toContain(`${SCRIPT_TIMEOUT_MS / 1000} s and ${SCRIPT_MEMORY_BYTES / 1024 / 1024} MB`);
    expect(page).toContain(
      `read up to ${MAX_ANSWER_BYTES / 1024 / 1024} MB and kept up to ${MAX_OUTPUT.toLocaleString("en")} characters`,
    );
    expect(page).toContain(`one of ${OUTPUT_LIMIT_UNDER_BUDGET.toLocaleString("en")} tokens`);
  });
});
