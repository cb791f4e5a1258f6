import type { TextProblem } from "../../editing/analysed.ts";
import { type EditedFile, messagesOf, withPart } from "../../editing/edited-file.ts";
import { Icon } from "../../parts/icon.tsx";
import { Section } from "../../parts/page.tsx";
import type { Checked } from "./use-checked.ts";

/** What a push would say: what keeps it from being a version, and what is worth a look. */
export function Findings({
  file,
  problems,
  checked: { found, isCurrent },
  isReadOnly,
  onGo,
  onChange,
}: {
  readonly file: EditedFile;
  readonly problems: readonly TextProblem[];
  readonly checked: Checked;
  readonly isReadOnly: boolean;
  readonly onGo: (problem: TextProblem) => void;
  readonly onChange: (file: EditedFile) => void;
}) {
  const others = found?.problems ?? [];
  const warnings = found?.findings ?? [];
  const isClean = problems.length + others.length + warnings.length === 0;
  const declare = (name: string) =>
    onChange(withPart(file, "variables", { ...file.variables, [name]: { type: "string", required: true } }));
  return (
    <Section title="Findings">
      {isClean && (
        <p class="note">{isCurrent ? "Nothing stands in the way of saving it." : "Nothing found so far."}</p>
      )}
      <ul class="findings card" aria-label="Findings" hidden={isClean}>
        {problems.map((problem, index) => (
          <li key={`${index} ${problem.problem}`} class="must">
            <Icon name="harm" />
            <div>
              <strong>Must be mended.</strong> {placeOf(file, problem)}: {problem.problem}
              <div class="acts">
                <button type="button" class="small" onClick={() => onGo(problem)}>
                  Go there
                </button>
                {problem.undeclared !== undefined && !isReadOnly && (
                  <button type="button" class="small" onClick={() => declare(problem.undeclared ?? "")}>
                    Declare “{problem.undeclared}”
                  </button>
                )}
              </div>
            </div>
          </li>
        ))}
        {others.map((problem) => (
          <li key={problem} class="must">
            <Icon name="harm" />
            <div>
              <strong>Must be mended.</strong> {problem}
            </div>
          </li>
        ))}
        {warnings.map(({ code, severity, message }) => (
          <li key={code + message}>
            <Icon name="needs" />
            <div>
              <strong>{severity === "error" ? "Must be mended." : "Worth a look."}</strong> {message}
            </div>
          </li>
        ))}
      </ul>
      <p role="status" class="heard">
        {problems.length + others.length > 0 ? `${problems.length + others.length} to be mended` : ""}
      </p>
    </Section>
  );
}

function placeOf(file: EditedFile, { message, from }: TextProblem): string {
  const at = messagesOf(file)[message];
  const text = at && "content" in at && typeof at.content === "string" ? at.content : "";
  return `Message ${message + 1}, line ${text.slice(0, from).split("\n").length}`;
}
