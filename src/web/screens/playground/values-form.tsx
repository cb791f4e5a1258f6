import type { ValuesOfCase } from "../../../domain/shapes/playground.ts";
import { ValueFields } from "../editor/value-fields.tsx";
import type { ShownSubject } from "./subject.ts";

type Values = Readonly<Record<string, unknown>>;

/** The values that every column is asked with: of all variables that any of them has. */
export function ValuesForm({
  cases,
  subjects,
  values,
  onValues,
}: {
  readonly cases: readonly ValuesOfCase[];
  readonly subjects: readonly ShownSubject[];
  readonly values: Values;
  readonly onValues: (values: Values) => void;
}) {
  const variables = Object.assign({}, ...subjects.map((one) => one.variables)) as ShownSubject["variables"];
  if (Object.keys(variables).length === 0) return null;
  return (
    <fieldset class="fields card play-values">
      <legend>With these values</legend>
      <ValueFields variables={variables} cases={cases} values={values} onValues={onValues} />
    </fieldset>
  );
}
