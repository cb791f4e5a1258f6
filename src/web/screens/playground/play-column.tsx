import { useId } from "preact/hooks";
import type { ListedDraft } from "../../../domain/shapes/drafts.ts";
import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import { MODELS } from "../../../domain/models/models.ts";
import { editorPath, versionPath } from "../../route.ts";
import { Answer } from "./answer.tsx";
import { type Column, keyOf } from "./columns.ts";
import { KeepAsCase } from "./keep-as-case.tsx";
import type { LoadedSubject, ShownSubject } from "./subject.ts";
import type { Run } from "./use-runs.ts";

export interface PlayColumnProps {
  readonly prompt: string;
  readonly column: Column;
  readonly subject: LoadedSubject;
  readonly run: Run | undefined;
  /** What would be asked now. */
  readonly asks: object | undefined;
  /** The answer that this one is marked against. */
  readonly other: string | undefined;
  readonly isFirst: boolean;
  /** Where there is room for one. */
  readonly isShown: boolean;
  readonly choices: { readonly versions: readonly ListedVersion[]; readonly drafts: readonly ListedDraft[] };
  readonly values: Readonly<Record<string, unknown>>;
  readonly mayRun: boolean;
  readonly onColumn: (column: Column) => void;
  readonly onRemove: (() => void) | undefined;
  readonly onRun: () => void;
  readonly onStop: () => void;
}

/** A version or a draft, and what a model answers to it. */
export function PlayColumn(props: PlayColumnProps) {
  const { prompt, column, subject, run, asks, isShown, mayRun, onRemove, onRun, onStop } = props;
  const { values, isFirst, other } = props;
  const name = subject && "asked" in subject ? subject.name : "this column";
  return (
    <section class={isShown ? "play-column card shown" : "play-column card"} aria-label={name}>
      <div class="play-head">
        <SubjectChoice {...props} />
        {onRemove && (
          <button type="button" class="small" aria-label={`Take ${name} away`} onClick={onRemove}>
            ✕
          </button>
        )}
      </div>
      {subject && "failed" in subject && <p class="failed-line">{subject.failed}</p>}
      {subject && "asked" in subject && <Settings {...props} subject={subject} />}
      <div class="acts">
        {run?.state === "running" ? (
          <button type="button" class="small" onClick={onStop}>
            Stop {name}
          </button>
        ) : (
          mayRun &&
          asks && (
            <button type="button" class="small" onClick={onRun}>
              Run {name}
            </button>
          )
        )}
        <a
          class="button small"
          href={
            "draft" in column.of
              ? editorPath(prompt, { draft: column.of.draft })
              : versionPath(`${prompt}@${column.of.version}`)
          }
        >
          {"draft" in column.of ? "Edit it" : "Look at it"}
        </a>
      </div>
      {run ? (
        <Answer
          run={run}
          isOutdated={asks !== undefined && JSON.stringify(asks) !== run.with}
          other={other}
          isOld={isFirst}
        />
      ) : (
        <p class="note">Nothing was asked yet.</p>
      )}
      {run?.state === "done" && <KeepAsCase values={values} answer={run.text} />}
    </section>
  );
}

function SubjectChoice({ column, choices: { versions, drafts }, onColumn }: PlayColumnProps) {
  const chosen = keyOf(column.of);
  const mine = drafts.filter((one) => one.mine);
  const others = drafts.filter((one) => !one.mine);
  const isListed =
    versions.some((one) => String(one.version) === chosen) ||
    drafts.some(({ draftId }) => `draft.${draftId}` === chosen);
  return (
    <label>
      <span class="heard">What is asked</span>
      <select
        value={chosen}
        onChange={(event) => {
          const { value } = event.currentTarget;
          const of = value.startsWith("draft.") ? { draft: value.slice(6) } : { version: Number(value) };
          onColumn({ ...column, of });
        }}
      >
        {!isListed && <option value={chosen}>{"draft" in column.of ? "a draft" : `@${chosen}`}</option>}
        {mine.map((one) => (
          <option key={one.draftId} value={`draft.${one.draftId}`}>
            my draft{one.base === null ? "" : ` from @${one.base}`}
          </option>
        ))}
        {versions.map(({ version, live, message }) => (
          <option key={version} value={String(version)}>
            @{version}
            {live.length > 0 ? ` · live in ${live[0]}` : ""}
            {message === "" ? "" : ` · ${message.slice(0, 40)}`}
          </option>
        ))}
        {others.map((one) => (
          <option key={one.draftId} value={`draft.${one.draftId}`}>
            {one.owner}’s draft{one.base === null ? "" : ` from @${one.base}`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Settings({ column, subject, onColumn }: PlayColumnProps & { readonly subject: ShownSubject }) {
  const id = useId();
  const { model, temperature } = column;
  const own = subject.params["temperature"];
  const differs = [
    ...(model !== "" && model !== subject.model ? ["model"] : []),
    ...(temperature !== "" && Number(temperature) !== own ? ["temperature"] : []),
  ];
  return (
    <details class="play-settings">
      <summary>
        <code>{model || subject.model}</code>
        {differs.length > 0 && (
          <span class="differs">
            {" "}
            {differs.join(" and ")} {differs.length > 1 ? "differ" : "differs"} from {subject.name}
          </span>
        )}
      </summary>
      <div class="fields">
        <label>
          <span>Model</span>
          <input
            list={`${id}-models`}
            value={model}
            placeholder={subject.model}
            spellcheck={false}
            onChange={(event) => onColumn({ ...column, model: event.currentTarget.value.trim() })}
          />
        </label>
        <datalist id={`${id}-models`}>
          {Object.keys(MODELS).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </datalist>
        <label>
          <span>Temperature</span>
          <input
            type="number"
            step="any"
            min={0}
            value={temperature}
            placeholder={typeof own === "number" ? String(own) : "the model’s own"}
            onChange={(event) => onColumn({ ...column, temperature: event.currentTarget.value })}
          />
        </label>
        {subject.tools > 0 && (
          <p class="note">
            It may call {subject.tools === 1 ? "its one tool" : `its ${subject.tools} tools`}; a call is
            shown, and nothing is done.
          </p>
        )}
      </div>
    </details>
  );
}
