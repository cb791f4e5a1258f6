import type { ValuesOfCase } from "../../../domain/shapes/playground.ts";

type Values = Readonly<Record<string, unknown>>;

/** Takes the values of one of the prompt's test cases; nothing where it has none. */
export function CaseChoice({
  cases,
  values,
  onChoose,
}: {
  readonly cases: readonly ValuesOfCase[];
  readonly values: Values;
  readonly onChoose: (values: Values) => void;
}) {
  if (cases.length === 0) return null;
  const said = JSON.stringify(values);
  const chosen = cases.find((one) => JSON.stringify(one.values) === said);
  return (
    <label class="case-choice">
      <span>Of a test case</span>
      <select
        value={chosen === undefined ? "" : String(chosen.index)}
        onChange={(event) => {
          const found = cases.find(({ index }) => String(index) === event.currentTarget.value);
          if (found) onChoose(found.values);
        }}
      >
        <option value="">values of your own</option>
        {cases.map((one) => (
          <option key={one.index} value={String(one.index)}>
            {nameOf(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

const LONGEST = 70;

function nameOf({ index, description, values }: ValuesOfCase): string {
  const [first] = Object.values(values);
  const text = description ?? (typeof first === "string" ? first : JSON.stringify(first ?? {}));
  return `${index + 1}. ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`;
}
