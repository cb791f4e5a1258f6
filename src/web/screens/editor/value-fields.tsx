import type { VariableSpec } from "../../../domain/prompt/artifact.ts";
import type { ValuesOfCase } from "../../../domain/shapes/playground.ts";
import { CaseChoice } from "../playground/case-choice.tsx";
import { ValueField } from "./value-field.tsx";

type Values = Readonly<Record<string, unknown>>;

/** A field for the value of each variable, or the values of a test case for all of them. */
export function ValueFields({
  variables,
  cases,
  values,
  onValues,
}: {
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly cases: readonly ValuesOfCase[];
  readonly values: Values;
  readonly onValues: (values: Values) => void;
}) {
  return (
    <>
      <CaseChoice cases={cases} values={values} onChoose={onValues} />
      {Object.entries(variables).map(([name, spec]) => (
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
    </>
  );
}
