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
import { Budget } from "./budget.tsx";
import { type Column, MOST_COLUMNS, readColumns, writeColumns } from "./columns.ts";
import type { Playground } from "./playground.ts";
import { PlayColumn } from "./play-column.tsx";
import { useSubjects } from "./subject.ts";
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
  const runs = useRuns();
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
  const runAll = () => {
    if (!right.allowed || isRunning) return;
    for (const [index, key] of keys.entries()) if (bodies[index]) runs.start(key, bodies[index]);
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
          Nothing here reaches a user, counts as a measurement, or is kept by Sluice.{" "}
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
              {nameOfSubject(subjects[index], index)}
            </button>
          ))}
        </div>
      )}
      <div class={`play-columns of-${columns.length}`}>
        {columns.map((column, index) => (
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
            onRun={(body) => runs.start(keys[index] ?? "", body)}
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
      </div>
    </>
  );
}

function nameOfSubject(subject: ReturnType<typeof useSubjects>[number], index: number): string {
  return subject && "asked" in subject ? subject.name : `Column ${index + 1}`;
}

function bodyOf(
  prompt: string,
  { model, temperature }: Column,
  subject: ReturnType<typeof useSubjects>[number],
  values: Readonly<Record<string, unknown>>,
): object | undefined {
  if (!subject || "failed" in subject) return undefined;
  const params = temperature === "" ? undefined : { ...subject.params, temperature: Number(temperature) };
  return { prompt, ...subject.asked, values, ...(model !== "" && { model }), ...(params && { params }) };
}

/** The newest version, beside what is live where that is another one. */
function usualColumns(versions: readonly ListedVersion[]): Column[] {
  const [newest] = versions;
  const live = versions.find((one) => one.live.length > 0 && one !== newest);
  return [newest, live].flatMap((one) =>
    one ? [{ of: { version: one.version }, model: "", temperature: "" }] : [],
  );
}

function nextColumn(columns: readonly Column[], versions: readonly ListedVersion[]): Column {
  const isThere = ({ version }: ListedVersion) =>
    columns.some(({ of }) => "version" in of && of.version === version);
  const next = versions.find((one) => !isThere(one)) ?? versions[0];
  return { of: { version: next?.version ?? 1 }, model: "", temperature: "" };
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
