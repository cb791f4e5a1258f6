import { useId } from "preact/hooks";
import { diffLines } from "../../../../domain/prompt/version-diff.ts";
import type { MergedPart } from "../../../editing/merge-files.ts";
import type { Choice, MergedStretch } from "../../../editing/merge-text.ts";
import { Icon } from "../../../parts/icon.tsx";
import { ShownText } from "../../../parts/shown-text.tsx";

export interface MergePartProps {
  readonly part: MergedPart;
  /** Who the other one is. */
  readonly who: string;
  readonly choices: readonly Choice[];
  readonly onChoose: (choices: readonly Choice[]) => void;
}

/** One part that somebody changed, and what becomes of it. */
export function MergePart(props: MergePartProps) {
  const { part, who } = props;
  const isSettled = part.open === 0;
  return (
    <li class="merge-part">
      <h3>
        <Icon name={isSettled ? "done" : "needs"} />
        {nameOf(part.part)}
      </h3>
      <p class="note">{sentence(part, who)}</p>
      {part.by === "theirs" && <Lines before={part.mine} after={part.theirs} />}
      {part.stretches ? <Stretches {...props} stretches={part.stretches} /> : <WholeChoice {...props} />}
    </li>
  );
}

function nameOf(part: string): string {
  const bare = part.replace(/^params\./, "").replace(/^variables\.(.*)$/, "variable “$1”");
  return (bare.charAt(0).toUpperCase() + bare.slice(1)).replaceAll("_", " ");
}

function sentence({ by, open, stretches }: MergedPart, who: string): string {
  if (by === "mine") return "Only you changed this: kept.";
  if (by === "theirs") return `Only ${who} changed this: taken.`;
  if (open === 0) return "Both of you changed this, in different lines: both changes are in it.";
  return stretches ? "Both of you changed the same lines: choose." : "Both of you changed this: choose.";
}

function Stretches({
  stretches,
  choices,
  who,
  onChoose,
}: MergePartProps & { readonly stretches: readonly MergedStretch[] }) {
  let next = 0;
  return (
    <div class="merge-text">
      {stretches.map((stretch, index) => {
        if (stretch.kind === "settled")
          return (
            <pre key={index} class="text">
              <ShownText text={stretch.lines.join("\n")} />
            </pre>
          );
        const place = next++;
        return (
          <ChoiceOf
            key={index}
            name={`Lines that both changed, place ${place + 1}`}
            options={[
              ["mine", "Mine", stretch.mine.join("\n")],
              ["theirs", `${who}’s`, stretch.theirs.join("\n")],
              ["both", "Both, mine first", undefined],
            ]}
            chosen={choices[place]}
            onChoose={(choice) => {
              const all = [...choices];
              all[place] = choice;
              onChoose(all);
            }}
          />
        );
      })}
    </div>
  );
}

function WholeChoice({ part, who, choices, onChoose }: MergePartProps) {
  if (part.by !== "both") return null;
  return (
    <ChoiceOf
      name={nameOf(part.part)}
      options={[
        ["mine", "Mine", textOf(part.mine)],
        ["theirs", `${who}’s`, textOf(part.theirs)],
      ]}
      chosen={choices[0]}
      onChoose={(choice) => onChoose([choice])}
    />
  );
}

function ChoiceOf({
  name,
  options,
  chosen,
  onChoose,
}: {
  readonly name: string;
  readonly options: readonly (readonly [choice: Choice, said: string, text: string | undefined])[];
  readonly chosen: Choice | undefined;
  readonly onChoose: (choice: Choice) => void;
}) {
  const id = useId();
  return (
    <fieldset class="merge-choice">
      <legend>{name}</legend>
      {options.map(([choice, said, text]) => (
        <label key={choice}>
          <input type="radio" name={id} checked={chosen === choice} onChange={() => onChoose(choice)} />
          <span>
            <strong>{said}</strong>
            {text !== undefined && (
              <span class="merge-lines">
                <ShownText text={text === "" ? "(nothing)" : text} />
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Lines({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const lines = diffLines(textOf(before).split("\n"), textOf(after).split("\n"));
  return (
    <div class="diff-rows one">
      {lines
        .filter(({ kind, text }) => kind !== "same" && text !== "")
        .map(({ kind, text }, index) => (
          <div key={index} class={`line ${kind}`}>
            <span class="heard">{kind === "removed" ? "before: " : "after: "}</span>
            <ShownText text={text} />
          </div>
        ))}
    </div>
  );
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
