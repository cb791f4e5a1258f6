import { useEffect, useRef, useState } from "preact/hooks";
import { sayTests } from "../../../domain/plain/say-tests.ts";
import { shortName } from "../../../domain/plain/telling.ts";
import { SAMPLE_CASES, type TestedText } from "../../../domain/shapes/playground.ts";
import type { Right } from "../../../domain/shapes/rights.ts";
import { value } from "../../../domain/plain/amounts.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { followWork } from "../../data/events.ts";
import { Refused } from "../../data/send.ts";
import type { EditedFile } from "../../editing/edited-file.ts";
import { withoutPlace } from "../../editing/without-place.ts";
import { Section } from "../../parts/page.tsx";
import { Verdict } from "../../parts/verdict.tsx";
import { CasesTable } from "../evaluation/cases-table.tsx";

type Progress = { readonly done: number; readonly answers: number | undefined };
type Ended = { readonly of: EditedFile } & ({ readonly found: TestedText } | { readonly why: string });

/** Has what is written here asked the prompt's test cases, beside what is live, and shows what came of it. */
export function TestsPart({
  prompt,
  file,
  cases,
  right,
  problems,
  onTry,
}: {
  readonly prompt: string;
  readonly file: EditedFile;
  /** Of the prompt's golden set; undefined until it is known. */
  readonly cases: number | undefined;
  readonly right: Right | undefined;
  /** What keeps it from being asked at all. */
  readonly problems: number;
  readonly onTry: (values: Readonly<Record<string, unknown>>) => void;
}) {
  const [progress, setProgress] = useState<Progress>();
  const [ended, setEnded] = useState<Ended>();
  const going = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => going.current?.abort(), []);
  async function run(whole: boolean): Promise<void> {
    if (going.current) return;
    const abort = new AbortController();
    going.current = abort;
    setProgress({ done: 0, answers: undefined });
    setEnded(undefined);
    try {
      const found = await followWork<TestedText>(
        "/v1/playground/tests",
        { prompt, file, whole, label: "production" },
        {
          signal: abort.signal,
          onEvent: ({ data }) =>
            setProgress((before) => ({ done: 0, answers: undefined, ...before, ...(data as object) })),
        },
      );
      setEnded({ of: file, found });
    } catch (error) {
      if (!abort.signal.aborted)
        setEnded({ of: file, why: error instanceof Refused ? withoutPlace(error.message) : String(error) });
    }
    going.current = undefined;
    setProgress(undefined);
  }
  const mayRun: Right | undefined = problems > 0 ? undefined : right;
  const isOutdated = ended !== undefined && ended.of !== file;
  return (
    <Section title="Tests">
      {cases === 0 && (
        <p class="note">
          It has no test cases yet: they come with a policy whose gate names a dataset, in the prompt’s file.
        </p>
      )}
      {cases !== undefined && cases > 0 && !progress && (
        <>
          <p class="note">
            {cases === 1 ? "One test case" : `${cases} test cases`}, asked of this text and of what is live.
            It is paid from what you may spend today, and vouches for nothing: a rollout tests by itself.
          </p>
          {problems > 0 && <p class="note">Mend first what stands in the way of saving it.</p>}
          <OfferedActs
            acts={[
              {
                name: cases > SAMPLE_CASES ? `Test it with ${SAMPLE_CASES} of them` : "Test it",
                right: mayRun,
                onAct: () => void run(cases <= SAMPLE_CASES),
              },
              {
                name: `Test it with all ${cases}`,
                right: cases > SAMPLE_CASES ? mayRun : undefined,
                onAct: () => void run(true),
              },
            ]}
          />
        </>
      )}
      {progress && (
        <div class="tests-progress">
          <p role="status">
            {progress.answers === undefined
              ? "It is being made ready."
              : `${progress.done} of ${progress.answers} answers.`}
          </p>
          <progress max={progress.answers ?? 1} value={progress.done} aria-label="Answers" />
          <button type="button" class="small" onClick={() => going.current?.abort()}>
            Stop the tests
          </button>
        </div>
      )}
      {isOutdated && <p class="note differs">This is of an earlier text: something was changed since.</p>}
      {ended && "why" in ended && (
        <p class="failed-line" role="alert">
          {ended.why}
        </p>
      )}
      {ended && "found" in ended && <Found found={ended.found} onTry={onTry} />}
    </Section>
  );
}

function Found({
  found: { tests, baseline, cases, costUsd, warnings },
  onTry,
}: {
  readonly found: TestedText;
  readonly onTry: (values: Readonly<Record<string, unknown>>) => void;
}) {
  const live = baseline === null ? null : shortName(baseline);
  const { word, text, tone } = sayTests(tests, live);
  return (
    <>
      <Verdict tone={tone} word={word}>
        <p>
          {text} {costUsd !== null && `It cost ${value(costUsd, { kind: "money" })}.`}
        </p>
      </Verdict>
      {warnings.map((warning) => (
        <p key={warning} class="note">
          {warning}
        </p>
      ))}
      <CasesTable cases={cases} candidate="this text" baseline={live} onTry={onTry} />
    </>
  );
}
