import { useState } from "preact/hooks";
import type { RolloutPolicy } from "../../../domain/policy/policy.ts";
import { CopyButton } from "../../parts/copy-button.tsx";

/** The rules as a file has them: in JSON, which is YAML too. Made when somebody wants to see it. */
export function RulesDocument({ policy }: { readonly policy: RolloutPolicy }) {
  const [text, setText] = useState<string>();
  async function write(): Promise<void> {
    const { writtenPolicy } = await import("../../../domain/policy/written-policy.ts");
    setText(JSON.stringify(writtenPolicy(policy), null, 2));
  }
  return (
    <details class="statistics" onToggle={({ currentTarget }) => void (currentTarget.open && write())}>
      <summary>As a document</summary>
      {text !== undefined && (
        <>
          <CopyButton text={text} of="the rules" />
          <pre class="text">{text}</pre>
        </>
      )}
    </details>
  );
}
