import { useId } from "preact/hooks";
import { MODELS } from "../../../domain/models/models.ts";
import { type EditedFile, withPart } from "../../editing/edited-file.ts";
import { Section } from "../../parts/page.tsx";
import { ValueField } from "./value-field.tsx";

const NUMBERS = [
  ["temperature", "Temperature", "How freely it words its answers: 0 keeps to the likeliest."],
  ["max_tokens", "Most tokens of an answer", "An answer that is longer is cut."],
] as const;

/** Which model answers, and how: folded, since it is seldom touched. */
export function ModelForm({
  file,
  isReadOnly,
  onChange,
}: {
  readonly file: EditedFile;
  readonly isReadOnly: boolean;
  readonly onChange: (file: EditedFile) => void;
}) {
  const id = useId();
  const { model = "", params = {} } = file;
  const others = Object.fromEntries(
    Object.entries(params).filter(([key]) => !NUMBERS.some(([known]) => known === key)),
  );
  const setParam = (key: string, value: unknown) => {
    const { [key]: _, ...rest } = params;
    onChange(withPart(file, "params", value === undefined ? rest : { ...params, [key]: value }));
  };
  return (
    <Section title="Model and answer">
      <details class="card variable">
        <summary>
          <code>{model || "no model"}</code>
          <span class="note">{summary(params)}</span>
        </summary>
        <fieldset class="fields" disabled={isReadOnly}>
          <legend class="heard">Model and answer</legend>
          <label>
            <span>Model</span>
            <input
              list={`${id}-models`}
              value={model}
              spellcheck={false}
              onInput={(event) => onChange({ ...file, model: event.currentTarget.value })}
            />
            <span class="note">As in openai/gpt-5.4-mini: who answers, then the model.</span>
          </label>
          <datalist id={`${id}-models`}>
            {Object.keys(MODELS).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </datalist>
          {NUMBERS.map(([key, label, note]) => (
            <label key={key}>
              <span>{label}</span>
              <input
                type="number"
                step="any"
                value={typeof params[key] === "number" ? params[key] : ""}
                onInput={(event) => {
                  const { value } = event.currentTarget;
                  setParam(key, value === "" ? undefined : Number(value));
                }}
              />
              <span class="note">{note}</span>
            </label>
          ))}
          <ValueField
            label="Other parameters"
            spec={{ type: "json" }}
            value={Object.keys(others).length > 0 ? others : undefined}
            onChange={(value) => {
              const known = Object.fromEntries(
                NUMBERS.flatMap(([key]) => (key in params ? [[key, params[key]] as const] : [])),
              );
              onChange(withPart(file, "params", { ...known, ...(value as object | undefined) }));
            }}
          />
          {(["output_schema", "tools", "examples"] as const).map((key) => (
            <ValueField
              key={key}
              label={PARTS[key]}
              spec={{ type: key === "output_schema" ? "json" : "list" }}
              value={file[key]}
              onChange={(value) => onChange(withPart(file, key, value as never))}
            />
          ))}
        </fieldset>
      </details>
    </Section>
  );
}

const PARTS = {
  output_schema: "Shape of the answer",
  tools: "Tools",
  examples: "Examples, each with input and output",
} as const;

function summary(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([key, value]) => `${key.replaceAll("_", " ")} ${JSON.stringify(value)}`)
    .join(", ");
}
