import { useId, useState } from "preact/hooks";
import type { VariableSpec, VariableType } from "../../../domain/prompt/artifact.ts";
import { ValueField } from "./value-field.tsx";
import { KINDS } from "./variable-kinds.ts";

const NAME = /^[A-Za-z_]\w{0,63}$/;

export interface VariableFieldsProps {
  readonly name: string;
  readonly spec: VariableSpec;
  readonly taken: readonly string[];
  readonly isReadOnly: boolean;
  readonly onChange: (name: string, spec: VariableSpec) => void;
  readonly onRemove: () => void;
}

/** All that can be said of one variable. */
export function VariableFields({ name, spec, taken, isReadOnly, onChange, onRemove }: VariableFieldsProps) {
  const id = useId();
  const set = (change: { [Key in keyof VariableSpec]?: VariableSpec[Key] | undefined }) =>
    onChange(name, cleaned({ ...spec, ...change }));
  const hasLength = spec.type !== "number" && spec.type !== "boolean";
  return (
    <fieldset class="fields" disabled={isReadOnly}>
      <legend class="heard">{name}</legend>
      <NameField name={name} taken={taken} onChange={(renamed) => onChange(renamed, spec)} />
      <label>
        <span>Kind</span>
        <select
          value={spec.type}
          onChange={(event) => {
            const type = event.currentTarget.value as VariableType;
            set({ type, default: undefined, enum: undefined, max_length: undefined });
          }}
        >
          {Object.entries(KINDS).map(([type, said]) => (
            <option key={type} value={type}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Comes from</span>
        <select
          aria-describedby={`${id}-from`}
          value={spec.untrusted ? "outside" : spec.trusted ? "service" : ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            set({ untrusted: value === "outside", trusted: value === "service" });
          }}
        >
          <option value="">Not said</option>
          <option value="outside">Outside: users, e-mails, the web</option>
          <option value="service">The service itself</option>
        </select>
        <span id={`${id}-from`} class="note">
          {spec.untrusted
            ? "It is marked as data for the model, and never becomes an instruction."
            : "What users or others write comes from outside."}
        </span>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={spec.required === true}
          onChange={(event) => set({ required: event.currentTarget.checked })}
        />
        <span>Needed: the service has to give it</span>
      </label>
      <ValueField
        key={spec.type}
        label="Where it is not given"
        spec={{ type: spec.type }}
        value={spec.default}
        onChange={(value) => set({ default: value })}
      />
      {(spec.type === "string" || spec.type === "number") && (
        <AllowedField spec={spec} onChange={(allowed) => set({ enum: allowed })} />
      )}
      {hasLength && (
        <label>
          <span>{spec.type === "list" ? "Most items" : "Most characters"}</span>
          <input
            type="number"
            min={1}
            value={spec.max_length ?? ""}
            onInput={(event) => {
              const most = Number(event.currentTarget.value);
              set({ max_length: most > 0 ? most : undefined });
            }}
          />
        </label>
      )}
      {!isReadOnly && (
        <div>
          <button type="button" class="small" onClick={onRemove}>
            Remove “{name}”
          </button>
        </div>
      )}
    </fieldset>
  );
}

function NameField({
  name,
  taken,
  onChange,
}: Pick<VariableFieldsProps, "name" | "taken"> & { readonly onChange: (name: string) => void }) {
  const id = useId();
  const [text, setText] = useState(name);
  const problem = !NAME.test(text)
    ? "Use a letter and then letters, digits and _."
    : taken.includes(text)
      ? "There is a variable of this name already."
      : undefined;
  return (
    <label>
      <span>Name</span>
      <input
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        onInput={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          if (NAME.test(next) && !taken.includes(next)) onChange(next);
        }}
      />
      <span id={`${id}-problem`} class="failed-line">
        {problem}
      </span>
    </label>
  );
}

function AllowedField({
  spec,
  onChange,
}: Pick<VariableFieldsProps, "spec"> & {
  readonly onChange: (allowed: readonly unknown[] | undefined) => void;
}) {
  const [text, setText] = useState((spec.enum ?? []).map(String).join(", "));
  return (
    <label>
      <span>
        Allowed values<span class="note"> (with commas between; empty: any)</span>
      </span>
      <input
        value={text}
        onInput={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          const values = next
            .split(",")
            .map((one) => one.trim())
            .filter((one) => one !== "");
          const typed = spec.type === "number" ? values.map(Number) : values;
          onChange(typed.length > 0 ? typed : undefined);
        }}
      />
    </label>
  );
}

/** What is not said is left out of a file. */
function cleaned(spec: { [Key in keyof VariableSpec]?: VariableSpec[Key] | undefined }): VariableSpec {
  const said = Object.entries(spec).filter(([, value]) => value !== undefined && value !== false);
  return Object.fromEntries(
    spec.default === false ? [...said, ["default", false]] : said,
  ) as unknown as VariableSpec;
}
