import type { ValuesOfCase } from "../../../domain/shapes/playground.ts";
import { ValueField } from "../editor/value-field.tsx";
import { CaseChoice } from "./case-choice.tsx";
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
  const names = Object.entries(variables);
  if (names.length === 0) return null;
  return (
    <fieldset class="fields card play-values">
      <legend>With these values</legend>
      <CaseChoice cases={cases} values={values} onChoose={onValues} />
      {names.map(([name, spec]) => (
        <ValueField
          key={`${name} ${spec.type}`}
          label={name}
          spec={spec}
          value={values[name]}
          onChange={(value) => {
            const { [name]: _, ...others } = values;
            onValues(value === undefined ? others : { ...others, [name]: value });
          }}
        />
      ))}
    </fieldset>
  );
}
