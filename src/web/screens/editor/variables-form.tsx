import { useState } from "preact/hooks";
import type { VariableSpec } from "../../../domain/prompt/artifact.ts";
import { type EditedFile, withPart } from "../../editing/edited-file.ts";
import { Chip } from "../../parts/chip.tsx";
import { Section } from "../../parts/page.tsx";
import { KINDS } from "./variable-kinds.ts";
import { VariableFields } from "./variable-fields.tsx";

/** What services put in, a line each; opened, all that can be said of it. */
export function VariablesForm({
  file,
  unused,
  isReadOnly,
  onChange,
}: {
  readonly file: EditedFile;
  readonly unused: ReadonlySet<string>;
  readonly isReadOnly: boolean;
  readonly onChange: (file: EditedFile) => void;
}) {
  const variables = Object.entries(file.variables ?? {});
  const [opened, setOpened] = useState<string>();
  const change = (next: readonly (readonly [string, VariableSpec])[]) =>
    onChange(withPart(file, "variables", Object.fromEntries(next)));
  function add(): void {
    const name = freeName(variables.map(([one]) => one));
    setOpened(name);
    change([...variables, [name, { type: "string", required: true }]]);
  }
  return (
    <Section
      title="Variables"
      note="What the service puts in each time. Write them into a message to use them."
    >
      <div class="variables">
        {variables.map(([name, spec], index) => (
          // By its place: a name that is being typed changes with each key.
          <details key={index} class="card variable" open={opened === name}>
            <summary>
              <code>{name}</code>
              <span class="note">{sentence(spec)}</span>
              {spec.untrusted && <Chip tone="needs">from outside</Chip>}
              {unused.has(name) && <Chip tone="tag">used by no message</Chip>}
            </summary>
            <VariableFields
              name={name}
              spec={spec}
              taken={variables.filter((_, at) => at !== index).map(([one]) => one)}
              isReadOnly={isReadOnly}
              onChange={(renamed, next) => {
                if (opened === name) setOpened(renamed);
                change(variables.map((one, at) => (at === index ? [renamed, next] : one)));
              }}
              onRemove={() => change(variables.filter((_, at) => at !== index))}
            />
          </details>
        ))}
      </div>
      {!isReadOnly && (
        <button type="button" onClick={add}>
          Add variable
        </button>
      )}
    </Section>
  );
}

function sentence({ type, required, enum: allowed, max_length: longest }: VariableSpec): string {
  return [
    KINDS[type] ?? type,
    required ? "needed" : "may be left out",
    ...(allowed ? [`one of ${allowed.map(String).join(", ")}`] : []),
    ...(longest === undefined ? [] : [`up to ${longest.toLocaleString("en")}`]),
  ].join(", ");
}

function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? "new_variable" : `new_variable_${number}`;
    if (!taken.includes(name)) return name;
  }
}
