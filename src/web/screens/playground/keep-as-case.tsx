import { useState } from "preact/hooks";
import { Command } from "../../parts/page.tsx";

/** The values as a test case to copy into the golden set, which is a file. */
export function KeepAsCase({
  values,
  answer,
}: {
  readonly values: Readonly<Record<string, unknown>>;
  readonly answer: string;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Keep as a test case</summary>
      <p class="note">Copy it into the file of the prompt’s test cases, and say what a good answer has.</p>
      {isOpen && <Command text={asCase(values, answer)} />}
    </details>
  );
}

/** YAML takes JSON's texts as they are. */
function asCase(values: Readonly<Record<string, unknown>>, answer: string): string {
  const vars = Object.entries(values).map(
    ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  const [first = ""] = answer.split("\n");
  return [
    "- vars:",
    ...vars,
    "  assert:",
    `    - { type: llm-rubric, value: ${JSON.stringify(`Says as much as: ${first.slice(0, 200)}`)} }`,
  ].join("\n");
}
