import { useState } from "preact/hooks";
import type { ValuesOfCase } from "../../../domain/shapes/playground.ts";
import { keepValues, keptValues } from "./kept-values.ts";
import type { ShownSubject } from "./subject.ts";

type Values = Readonly<Record<string, unknown>>;

/**
 * What all columns are asked with: what was last used here, else a draft's own values, else those of the first test
 * case.
 */
export function useValues(
  prompt: string,
  cases: readonly ValuesOfCase[],
  subjects: readonly ShownSubject[],
): [Values, (values: Values) => void] {
  const [values, setValues] = useState(() => keptValues(prompt));
  const ofDraft = subjects.find((one) => Object.keys(one.values).length > 0)?.values;
  return [
    values ?? ofDraft ?? cases[0]?.values ?? {},
    (next) => {
      keepValues(prompt, next);
      setValues(next);
    },
  ];
}
