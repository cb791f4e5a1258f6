import { useState } from "preact/hooks";
import type { PlannedRules } from "../../planner/planner-messages.ts";

/** The rules as a document, for a repository or a command. */
export function RulesText({
  planned: { yaml },
  isOwn,
}: {
  readonly planned: PlannedRules;
  readonly isOwn: boolean;
}) {
  const [isCopied, setCopied] = useState(false);
  return (
    <details class="rules-text">
      <summary>The rules as a document</summary>
      <p class="note">
        {isOwn
          ? "As they were pushed with the prompt."
          : "These rules are for this rollout alone. To keep them, push them with the prompt."}
      </p>
      <button
        type="button"
        class="small"
        onClick={() => void navigator.clipboard.writeText(yaml).then(() => setCopied(true))}
      >
        {isCopied ? "Copied" : "Copy"}
      </button>
      <pre>{yaml}</pre>
    </details>
  );
}
