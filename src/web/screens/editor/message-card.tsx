import { useId, useRef } from "preact/hooks";
import type { TextProblem } from "../../editing/analysed.ts";
import { type CodeHandle, CodeField } from "../../editing/code-field.tsx";
import type { CodeState } from "../../editing/code-editor.ts";
import { type EditedFile, type EditedMessage, placeholderFor } from "../../editing/edited-file.ts";
import { ShownText } from "../../parts/shown-text.tsx";
import { VersionLink } from "../../parts/version-link.tsx";

const ROLES: readonly (readonly [role: string, name: string])[] = [
  ["system", "Instructions (system)"],
  ["user", "User"],
  ["assistant", "Assistant"],
  ["tool", "Tool"],
];

export interface MessageCardProps {
  readonly id: number;
  readonly message: EditedMessage;
  readonly place: { readonly index: number; readonly count: number };
  readonly file: EditedFile;
  readonly problems: readonly TextProblem[];
  readonly isReadOnly: boolean;
  readonly onReady: (handle: CodeHandle) => void;
  readonly onChange: (message: EditedMessage) => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onRemove: () => void;
}

/** One message: who speaks, what they say, and where it stands. */
export function MessageCard(props: MessageCardProps) {
  const { id, message, place, isReadOnly, onChange, onMove, onRemove } = props;
  const name = `Message ${place.index + 1}`;
  const handle = useRef<CodeHandle | undefined>(undefined);
  return (
    <li class={problemClass(props)} data-message={id} aria-label={name}>
      <div class="message-head">
        {"role" in message ? (
          <select
            aria-label={`Who says message ${place.index + 1}`}
            value={message.role}
            disabled={isReadOnly}
            onChange={(event) => onChange({ ...message, role: event.currentTarget.value })}
          >
            {ROLES.map(([role, said]) => (
              <option key={role} value={role}>
                {said}
              </option>
            ))}
            {!ROLES.some(([role]) => role === message.role) && <option>{message.role}</option>}
          </select>
        ) : (
          <h3>{"placeholder" in message ? "Earlier conversation" : `From ${message.include}`}</h3>
        )}
        {!isReadOnly && (
          <div class="message-acts">
            {"role" in message && (
              <InsertVariable {...props} onInsert={(text) => handle.current?.insert(text)} />
            )}
            <button
              type="button"
              class="small"
              data-act="up"
              aria-label={`Move message ${place.index + 1} up`}
              aria-disabled={place.index === 0}
              onClick={() => onMove(-1)}
            >
              ↑
            </button>
            <button
              type="button"
              class="small"
              data-act="down"
              aria-label={`Move message ${place.index + 1} down`}
              aria-disabled={place.index === place.count - 1}
              onClick={() => onMove(1)}
            >
              ↓
            </button>
            <button
              type="button"
              class="small"
              aria-label={`Remove message ${place.index + 1}`}
              onClick={onRemove}
            >
              Remove
            </button>
          </div>
        )}
      </div>
      <Content
        {...props}
        onReady={(ready) => {
          handle.current = ready;
          props.onReady(ready);
        }}
      />
    </li>
  );
}

function problemClass({ problems, message }: MessageCardProps): string {
  if (problems.length > 0) return "message-card card has-problem";
  return "role" in message ? "message-card card" : "message-card card locked";
}

function Content(props: MessageCardProps) {
  const { message, file, problems, place, isReadOnly, onReady, onChange } = props;
  if ("placeholder" in message)
    return (
      <p class="note">
        The messages that the service passes in as <code>{message.placeholder}</code> stand here.
      </p>
    );
  if ("include" in message)
    return (
      <p class="note">
        {message.include.includes("@") ? <VersionLink of={message.include} whole /> : message.include} is put
        in here as it is; it is edited by itself.
      </p>
    );
  const state: CodeState = {
    label: `Text of message ${place.index + 1}`,
    syntax: file.syntax ?? "jinja",
    variables: Object.entries(file.variables ?? {}).map(([name, { type, untrusted }]) => ({
      name,
      type,
      isFromOutside: untrusted === true,
    })),
    problems,
    isReadOnly,
  };
  const { content } = message;
  if (typeof content === "string")
    return (
      <CodeField
        text={content}
        state={state}
        onReady={onReady}
        onChange={(text) => onChange({ ...message, content: text })}
      />
    );
  return (
    <>
      {content.map((part, index) =>
        part.type === "text" ? (
          <CodeField
            key={index}
            text={part.text}
            state={{ ...state, label: `${state.label}, part ${index + 1}`, problems: [] }}
            onReady={onReady}
            onChange={(text) => onChange({ ...message, content: content.with(index, { ...part, text }) })}
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

function InsertVariable({
  file,
  place,
  onInsert,
}: Pick<MessageCardProps, "file" | "place"> & { readonly onInsert: (text: string) => void }) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const variables = Object.entries(file.variables ?? {});
  if (variables.length === 0) return null;
  return (
    <>
      <button
        type="button"
        class="small"
        popovertarget={id}
        aria-label={`Insert variable into message ${place.index + 1}`}
      >
        Insert variable
      </button>
      <div id={id} ref={menu} popover="auto" class="insert-menu" role="group" aria-label="Variables">
        {variables.map(([name, { type, untrusted }]) => (
          <button
            key={name}
            type="button"
            onClick={() => {
              menu.current?.hidePopover();
              onInsert(placeholderFor(name, file.syntax ?? "jinja"));
            }}
          >
            <code>{name}</code> <span class="note">{untrusted ? `${type}, from outside` : type}</span>
          </button>
        ))}
      </div>
    </>
  );
}
