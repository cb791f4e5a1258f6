import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { VariableSpec } from "../../../domain/prompt/artifact.ts";
import { checkVariable } from "../../../domain/prompt/variable-check.ts";

/** A value of a variable, in the form that its kind has. Undefined: none is given. */
export function ValueField({
  label,
  spec,
  value,
  onChange,
}: {
  readonly label: string;
  readonly spec: VariableSpec;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}) {
  if (spec.enum && spec.enum.length > 0)
    return <ChoiceField label={label} choices={spec.enum} value={value} onChange={onChange} />;
  if (spec.type === "boolean")
    return <ChoiceField label={label} choices={[true, false]} value={value} onChange={onChange} />;
  if (spec.type === "string" || spec.type === "number")
    return <PlainField label={label} spec={spec} value={value} onChange={onChange} />;
  return <JsonField label={label} spec={spec} value={value} onChange={onChange} />;
}

type FieldProps = Parameters<typeof ValueField>[0];

const WORDS: Readonly<Record<string, string>> = { true: "Yes", false: "No" };

function ChoiceField({
  label,
  choices,
  value,
  onChange,
}: Omit<FieldProps, "spec"> & { readonly choices: readonly unknown[] }) {
  return (
    <label>
      <span>{label}</span>
      <select
        value={value === undefined ? "" : JSON.stringify(value)}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          onChange(chosen === "" ? undefined : JSON.parse(chosen));
        }}
      >
        <option value="">none</option>
        {choices.map((choice) => (
          <option key={String(choice)} value={JSON.stringify(choice)}>
            {typeof choice === "boolean" ? WORDS[String(choice)] : String(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

function PlainField({ label, spec, value, onChange }: FieldProps) {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const read = (typed: string) =>
    onChange(typed === "" ? undefined : spec.type === "number" ? Number(typed) : typed);
  return (
    <label>
      <span>{label}</span>
      {spec.type === "number" ? (
        <input type="number" step="any" value={text} onInput={(event) => read(event.currentTarget.value)} />
      ) : (
        <textarea
          rows={Math.min(6, text.split("\n").length)}
          value={text}
          onInput={(event) => read(event.currentTarget.value)}
        />
      )}
      <Problem spec={spec} value={value} />
    </label>
  );
}

function JsonField({ label, spec, value, onChange }: FieldProps) {
  const id = useId();
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const [problem, setProblem] = useState<string>();
  const said = value === undefined ? "" : JSON.stringify(value);
  const typed = useRef(said);
  // Another value may come from elsewhere: of a test case, or of what was saved in another window.
  useEffect(() => {
    if (said === typed.current) return;
    typed.current = said;
    setText(said === "" ? "" : JSON.stringify(JSON.parse(said), null, 2));
    setProblem(undefined);
  }, [said]);
  return (
    <label>
      <span>
        {label}
        <span class="note"> (JSON)</span>
      </span>
      <textarea
        class="code"
        rows={Math.min(8, text.split("\n").length + 1)}
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby={id}
        onInput={(event) => {
          const { value: written } = event.currentTarget;
          setText(written);
          try {
            const read: unknown = written.trim() === "" ? undefined : JSON.parse(written);
            typed.current = read === undefined ? "" : JSON.stringify(read);
            onChange(read);
            setProblem(undefined);
          } catch {
            setProblem("This is no JSON yet; what was right before is used until it is.");
          }
        }}
      />
      <span id={id} class="failed-line">
        {problem}
      </span>
      {problem === undefined && <Problem spec={spec} value={value} />}
    </label>
  );
}

function Problem({ spec, value }: Pick<FieldProps, "spec" | "value">) {
  const checked = value === undefined ? undefined : checkVariable(spec, value);
  if (!checked || !("problem" in checked)) return null;
  return <span class="failed-line">It {checked.problem}.</span>;
}
