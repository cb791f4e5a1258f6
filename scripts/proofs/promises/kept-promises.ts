import { readFileSync } from "node:fs";
import { join } from "node:path";
import { faultsIn, type PlantedFault } from "../../planted-fault.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "reference", "promises.md");

/** A row of docs/reference/promises.md: which test shows it, by its name. */
export interface KeptPromise {
  readonly file: string;
  readonly words: string;
}

export function keptPromises(): KeptPromise[] {
  return [...readFileSync(PAGE, "utf8").matchAll(/^\|.*\| `([^`]+)`: (.*?) \|$/gm)].map(
    ([, file, words]) => ({ file: file!, words: words! }),
  );
}

/** The faults that break them, one or more of them each, by the name of the test that has to notice. */
export function brokenPromises(): PlantedFault[] {
  return faultsIn(join(import.meta.dirname, "broken"));
}
