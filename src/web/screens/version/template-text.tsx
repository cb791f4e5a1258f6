import type { TemplateSyntax, VariableSpec } from "../../../domain/prompt/artifact.ts";
import { ShownText } from "../../parts/shown-text.tsx";
import { placeholdersIn } from "./placeholders.ts";

/** A template as its author wrote it, with what is put in tinted. */
export function TemplateText({
  text,
  syntax,
  variables,
}: {
  readonly text: string;
  readonly syntax: TemplateSyntax;
  readonly variables: Readonly<Record<string, VariableSpec>>;
}) {
  return (
    <pre class="text">
      {placeholdersIn(text, syntax).map(({ text: stretch, kind, variable }, index) => {
        if (kind === undefined) return <ShownText key={index} text={stretch} />;
        const isFromOutside = variable !== undefined && variables[variable]?.untrusted === true;
        return (
          <span
            key={index}
            class={`put-in ${kind}${isFromOutside ? " outside" : ""}`}
            {...(isFromOutside && { title: "From outside: never becomes an instruction" })}
          >
            <ShownText text={stretch} />
          </span>
        );
      })}
    </pre>
  );
}
