import { useState } from "preact/hooks";
import type { Artifact } from "../../../domain/prompt/artifact.ts";
import type { ValuesOfCase } from "../../../domain/shapes/playground.ts";
import type { RenderedMessage } from "../../../templates/rendered-message.ts";
import { toAnthropic } from "../../../templates/requests/to-anthropic.ts";
import { toOpenAI } from "../../../templates/requests/to-openai.ts";
import { messageOf } from "../../../domain/errors.ts";
import { type Previewed, stretchesFromOutside } from "../../editing/preview.ts";
import { Section } from "../../parts/page.tsx";
import { RenderedText } from "./rendered-text.tsx";
import { ValueFields } from "./value-fields.tsx";

const FORMS = {
  messages: "Messages",
  openai: "As an OpenAI request",
  anthropic: "As an Anthropic request",
} as const;
type Form = keyof typeof FORMS;

export interface PreviewProps {
  readonly artifact: Artifact;
  readonly preview: Previewed;
  readonly values: Readonly<Record<string, unknown>>;
  /** Includes that could not be read here. */
  readonly missing: readonly string[];
  /** Of the prompt's golden set. */
  readonly cases: readonly ValuesOfCase[];
  readonly isReadOnly: boolean;
  readonly onValues: (values: Readonly<Record<string, unknown>>) => void;
}

/** What the model will get, rendered by the service's own engine while it is typed. */
export function Preview(props: PreviewProps) {
  const { artifact, preview, missing } = props;
  const [form, setForm] = useState<Form>("messages");
  return (
    <Section title="Preview">
      <SampleValues {...props} />
      <label class="form-choice">
        <span>Show</span>
        <select value={form} onChange={(event) => setForm(event.currentTarget.value as Form)}>
          {Object.entries(FORMS).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {missing.length > 0 && (
        <p class="note">Without {missing.join(", ")}, which could not be read here; services get it.</p>
      )}
      {preview.ok ? (
        <>
          {form === "messages" ? (
            <RenderedMessages messages={preview.messages} />
          ) : (
            <pre class="text request">
              <RenderedText
                stretches={[{ text: requestText(form, artifact, preview.messages), isOutside: false }]}
              />
            </pre>
          )}
          {preview.standIns.length > 0 && (
            <p class="note">
              Without a value of their own, so their name stands in: {preview.standIns.join(", ")}.
            </p>
          )}
          {preview.warnings.map((warning) => (
            <p key={warning} class="note">
              {warning}
            </p>
          ))}
        </>
      ) : (
        <p class="card not-rendered">It cannot be rendered: {preview.problem}</p>
      )}
    </Section>
  );
}

function SampleValues({ artifact, values, cases, isReadOnly, onValues }: PreviewProps) {
  if (Object.keys(artifact.variables).length === 0) return null;
  return (
    <fieldset class="fields card sample-values">
      <legend>With these values</legend>
      {isReadOnly && <p class="note heard">They are not kept.</p>}
      <ValueFields variables={artifact.variables} cases={cases} values={values} onValues={onValues} />
    </fieldset>
  );
}

const ROLES: Readonly<Record<string, string>> = {
  system: "Instructions",
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
};

function RenderedMessages({ messages }: { readonly messages: readonly RenderedMessage[] }) {
  return (
    <ol class="messages rendered" aria-label="What the model gets">
      {messages.map((message, index) => (
        <li key={index} class="message">
          <h3>
            {ROLES[message.role]} <span class="note">{message.role}</span>
          </h3>
          <pre class="text">
            <RenderedText stretches={stretchesFromOutside(message.content)} />
          </pre>
          {message.content.includes("<untrusted name=") && (
            <p class="note">The marked part is from outside. The model is told that it is data.</p>
          )}
        </li>
      ))}
    </ol>
  );
}

function requestText(
  form: Exclude<Form, "messages">,
  artifact: Artifact,
  messages: readonly RenderedMessage[],
): string {
  try {
    const request = form === "openai" ? toOpenAI(artifact, messages) : toAnthropic(artifact, messages);
    return JSON.stringify(request, null, 2);
  } catch (error) {
    return messageOf(error);
  }
}
