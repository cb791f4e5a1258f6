import { useEffect, useRef, useState } from "preact/hooks";
import type { ListedDraft } from "../../../domain/shapes/drafts.ts";
import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { useKept } from "../../data/kept.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";
import { Empty, Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { PromptLink } from "../../parts/version-link.tsx";
import { changeQuery, useQuery } from "../../route.ts";
import { bodyOf, nameOfSubject, nextColumn, usualColumns } from "./asking.ts";
import { BlindColumn } from "./blind-column.tsx";
import { Budget } from "./budget.tsx";
import { type Column, MOST_COLUMNS, readColumns, writeColumns } from "./columns.ts";
import { keepRuns, type KeptRun, keptRuns } from "./kept-runs.ts";
import { LastRuns } from "./last-runs.tsx";
import type { Playground } from "./playground.ts";
import { PlayColumn } from "./play-column.tsx";
import { useSubjects } from "./subject.ts";
import { placeName, useBlind } from "./use-blind.ts";
import { useRuns } from "./use-runs.ts";
import { useValues } from "./use-values.ts";
import { ValuesForm } from "./values-form.tsx";

/** Where versions and drafts of a prompt are asked beside each other, with the same values. */
export function PlaygroundPage({ prompt }: { readonly prompt: string }) {
  useTitle(`Try ${prompt}`);
  const name = encodeURIComponent(prompt);
  const versions = useResource<Page<ListedVersion>>(`/v1/prompts/${name}/versions?limit=50`, whatChanged);
  const drafts = useResource<Page<ListedDraft>>(`/v1/drafts?prompt=${name}&limit=20`, whatChanged);
  const playground = useResource<Playground>(`/v1/playground?prompt=${name}`);
  return (
    <Loaded from={versions} lines={10} title={`Try ${prompt}`}>
      {({ items }) => (
        <Loaded from={playground} lines={10} title={`Try ${prompt}`}>
          {(found) => (
            <Columns
              prompt={prompt}
              versions={items}
              drafts={drafts.value?.items ?? []}
              playground={found}
              onSpent={playground.reload}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function Columns({
  prompt,
  versions,
  drafts,
  playground,
  onSpent,
}: {
  readonly prompt: string;
  readonly versions: readonly ListedVersion[];
  readonly drafts: readonly ListedDraft[];
  readonly playground: Playground;
  readonly onSpent: () => void;
}) {
  const query = useQuery();
  const asked = readColumns(query.get("of"));
  const columns = asked.length > 0 ? asked : usualColumns(versions);
  const subjects = useSubjects(prompt, columns, useKept(whatChanged));
  const [lastRuns, setLastRuns] = useState(() => keptRuns(prompt));
  const keep = (next: readonly KeptRun[]) => setLastRuns(keepRuns(prompt, next));
  const runs = useRuns<Pick<KeptRun, "column" | "name" | "values">>((about, run) =>
    keep([{ at: new Date().toISOString(), ...about, run }, ...keptRuns(prompt)]),
  );
  const blind = useBlind(columns.length);
  const known = subjects.flatMap((one) => (one && "asked" in one ? [one] : []));
  const [values, setValues] = useValues(prompt, playground.cases, known);
  const [shown, setShown] = useState(0);
  const isMarked = query.get("marked") !== "no";
  useEffect(() => {
    if (runs.ended > 0) onSpent();
  }, [runs.ended, onSpent]);
  const keys = columns.map((column, index) => {
    const text = writeColumns([column]);
    return `${text}#${columns.slice(0, index).filter((one) => writeColumns([one]) === text).length}`;
  });
  const bodies = columns.map((column, index) => bodyOf(prompt, column, subjects[index], values));
  const isRunning = keys.some((key) => runs.of(key)?.state === "running");
  const right = playground.can.run;
  const nameOf = (index: number) => nameOfSubject(subjects[index], index);
  const runOne = (index: number) => {
    const [key, body, column] = [keys[index], bodies[index], columns[index]];
    if (key === undefined || !body || !column) return;
    runs.start(key, body, { column: writeColumns([column]), name: nameOf(index), values });
  };
  const runAll = () => {
    if (!right.allowed || isRunning) return;
    for (const index of keys.keys()) runOne(index);
  };
  useCtrlEnter(runAll);
  const change = (next: readonly Column[]) => changeQuery({ of: writeColumns(next) });
  if (columns.length === 0)
    return (
      <>
        <PageHead title={`Try ${prompt}`} kicker={<PromptLink prompt={prompt} />} />
        <Empty text="It has no version yet: write one, and try it here." />
      </>
    );
  const pick = (place: number) => {
    const column = columns[blind.order?.[place] ?? -1];
    const text = column && writeColumns([column]);
    const at = lastRuns.findIndex((one) => one.column === text);
    const chosen = lastRuns[at];
    if (chosen) keep(lastRuns.with(at, { ...chosen, preferred: true }));
    blind.pick(place);
  };
  const reopen = (kept: KeptRun) => {
    setValues(kept.values);
    change(readColumns(kept.column));
    runs.put(`${kept.column}#0`, kept.run);
    setShown(0);
    scrollTo(0, 0);
  };
  const answers = keys.map((key) => runs.of(key)?.text ?? "");
  return (
    <>
      <PageHead
        title={`Try ${prompt}`}
        kicker={<PromptLink prompt={prompt} />}
        acts={
          isRunning ? (
            <button type="button" onClick={() => keys.forEach(runs.stop)}>
              Stop
            </button>
          ) : (
            <OfferedActs
              acts={[
                {
                  name: columns.length > 1 ? "Run all" : "Run",
                  tone: "primary",
                  right: right.allowed || right.because === "right" ? right : undefined,
                  onAct: runAll,
                },
              ]}
            />
          )
        }
      >
        <p class="lead">
          Nothing here reaches a user, counts as a measurement, or is kept on the server.{" "}
          {!right.allowed && right.because === "state" ? (
            `${right.why}.`
          ) : (
            <Budget budget={playground.budget} />
          )}
        </p>
      </PageHead>
      <ValuesForm cases={playground.cases} subjects={known} values={values} onValues={setValues} />
      {columns.length > 1 && (
        <div class="views" role="group" aria-label="Which answer is shown">
          {columns.map((_, index) => (
            <button key={index} type="button" aria-pressed={shown === index} onClick={() => setShown(index)}>
              {blind.order ? placeName(index) : nameOf(index)}
            </button>
          ))}
        </div>
      )}
      {blind.picked && (
        <p class="card" role="status">
          You chose {placeName(blind.picked.place)}: that was <strong>{nameOf(blind.picked.column)}</strong>.
          It is your own note, and no evidence.
        </p>
      )}
      <div class={`play-columns of-${columns.length}`}>
        {blind.order?.map((index, place) => (
          <BlindColumn
            key={placeName(place)}
            name={placeName(place)}
            run={runs.of(keys[index] ?? "")}
            isShown={shown === place}
            onPick={keys.every((key) => runs.of(key)?.state === "done") ? () => pick(place) : undefined}
          />
        ))}
        {(blind.order ? [] : columns).map((column, index) => (
          <PlayColumn
            key={keys[index]}
            prompt={prompt}
            column={column}
            subject={subjects[index]}
            run={runs.of(keys[index] ?? "")}
            asks={bodies[index]}
            other={isMarked && index > 0 ? answers[0] : isMarked ? answers[1] : undefined}
            isFirst={index === 0}
            isShown={shown === index}
            choices={{ versions, drafts }}
            values={values}
            mayRun={right.allowed}
            onColumn={(next) => change(columns.with(index, next))}
            onRemove={columns.length > 1 ? () => change(columns.toSpliced(index, 1)) : undefined}
            onRun={() => runOne(index)}
            onStop={() => runs.stop(keys[index] ?? "")}
          />
        ))}
      </div>
      <div class="acts play-more">
        {columns.length < MOST_COLUMNS && (
          <button
            type="button"
            onClick={() => {
              change([...columns, nextColumn(columns, versions)]);
              setShown(columns.length);
            }}
          >
            Add a column
          </button>
        )}
        {columns.length > 1 && (
          <button
            type="button"
            aria-pressed={isMarked}
            onClick={() => changeQuery({ marked: isMarked ? "no" : "" })}
          >
            Mark what differs
          </button>
        )}
        {columns.length > 1 && (
          <button
            type="button"
            aria-pressed={blind.order !== undefined}
            onClick={blind.order ? blind.end : blind.begin}
          >
            Compare blind
          </button>
        )}
      </div>
      {blind.order && (
        <p class="note">
          Nobody sees which answer is whose until you say which is better. Run them anew: what you have read
          you know.
        </p>
      )}
      {!blind.order && <LastRuns runs={lastRuns} onOpen={reopen} onForget={() => keep([])} />}
    </>
  );
}

function useCtrlEnter(act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
