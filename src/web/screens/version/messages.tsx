import type { Artifact, TemplateMessage } from "../../../domain/prompt/artifact.ts";
import { Section } from "../../parts/page.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { VersionLink } from "../../parts/version-link.tsx";
import { TemplateText } from "./template-text.tsx";

const ROLES: Readonly<Record<string, string>> = {
  system: "Instructions",
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
};

/** The messages in their order; what another prompt brought says so. */
export function Messages({ artifact }: { readonly artifact: Artifact }) {
  return (
    <ol class="messages">
      {artifact.messages.map((message, index) => {
        const from = artifact.includes?.find(({ at, count }) => index >= at && index < at + count);
        return (
          <li key={index} class={from ? "message included" : "message"}>
            <h3>
              {"placeholder" in message ? "Earlier conversation" : (ROLES[message.role] ?? message.role)}
              <span class="note">
                {"placeholder" in message ? message.placeholder : message.role}
                {from && (
                  <>
                    , from <VersionLink of={`${from.prompt}@${from.number}`} whole />
                  </>
                )}
              </span>
            </h3>
            <Content message={message} artifact={artifact} />
          </li>
        );
      })}
    </ol>
  );
}

function Content({ message, artifact }: { readonly message: TemplateMessage; readonly artifact: Artifact }) {
  if ("placeholder" in message)
    return <p class="note">The messages that the service passes in stand here.</p>;
  if (typeof message.content === "string")
    return <TemplateText text={message.content} syntax={artifact.syntax} variables={artifact.variables} />;
  return (
    <>
      {message.content.map((part, index) =>
        part.type === "text" ? (
          <TemplateText
            key={index}
            text={part.text}
            syntax={artifact.syntax}
            variables={artifact.variables}
          />
        ) : (
          <pre key={index} class="text">
            <ShownText text={JSON.stringify(part, null, 2)} />
          </pre>
        ),
      )}
    </>
  );
}

export function Examples({ artifact: { examples = [] } }: { readonly artifact: Artifact }) {
  if (examples.length === 0) return null;
  return (
    <Section title="Examples">
      <ol class="messages">
        {examples.map(({ input, output }, index) => (
          <li key={index} class="message pair">
            <h3>Asked</h3>
            <pre class="text">
              <ShownText text={input} />
            </pre>
            <h3>Answered</h3>
            <pre class="text">
              <ShownText text={output} />
            </pre>
          </li>
        ))}
      </ol>
    </Section>
  );
}

export function Tools({ artifact: { tools = [] } }: { readonly artifact: Artifact }) {
  if (tools.length === 0) return null;
  return (
    <Section title="Tools">
      {tools.map(({ function: { name, description = "", parameters } }) => (
        <details key={name} class="card">
          <summary>
            <code>{name}</code>{" "}
            <span class="note">
              <ShownText text={description} />
            </span>
          </summary>
          <pre class="text">
            <ShownText text={JSON.stringify(parameters ?? {}, null, 2)} />
          </pre>
        </details>
      ))}
    </Section>
  );
}

export function Json({ title, value }: { readonly title: string; readonly value: unknown }) {
  if (value === undefined) return null;
  return (
    <Section title={title}>
      <pre class="text">
        <ShownText text={JSON.stringify(value, null, 2)} />
      </pre>
    </Section>
  );
}
