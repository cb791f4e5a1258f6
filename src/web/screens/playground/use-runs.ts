import { useEffect, useRef, useState } from "preact/hooks";
import type { TriedAnswer } from "../../../domain/shapes/playground.ts";
import { followWork } from "../../data/events.ts";
import { Refused } from "../../data/send.ts";
import { withoutPlace } from "../../editing/without-place.ts";

/** An answer, as far as it has come. `with` says what it was asked with, so that it is seen when that has changed. */
export type Run = { readonly text: string; readonly with: string } & (
  | { readonly state: "running" | "stopped" }
  | { readonly state: "done"; readonly answer: TriedAnswer; readonly warnings: readonly string[] }
  | { readonly state: "failed"; readonly why: string }
);

type Done = Extract<Run, { readonly state: "done" }>;

export interface Runs<About> {
  readonly of: (column: string) => Run | undefined;
  readonly start: (column: string, body: object, about: About) => void;
  /** Shows an answer of before in a column. */
  readonly put: (column: string, run: Done) => void;
  readonly stop: (column: string) => void;
  /** How many have ended: each costs something. */
  readonly ended: number;
}

const PATH = "/v1/playground/runs";

/**
 * One run a column at a time, by what the column asks; those that go on are ended with the page. `onDone` is told of
 * each answer that came whole, with what was said about it when it was asked for.
 */
export function useRuns<About>(onDone: (about: About, run: Done) => void): Runs<About> {
  const [runs, setRuns] = useState<Readonly<Record<string, Run>>>({});
  const [ended, setEnded] = useState(0);
  const going = useRef(new Map<string, AbortController>());
  useEffect(
    () => () => {
      for (const abort of going.current.values()) abort.abort();
    },
    [],
  );
  const set = (column: string, change: (before: Run | undefined) => Run) =>
    setRuns((before) => ({ ...before, [column]: change(before[column]) }));
  const told = useRef(onDone);
  told.current = onDone;
  async function start(column: string, body: object, about: About): Promise<void> {
    going.current.get(column)?.abort();
    const abort = new AbortController();
    going.current.set(column, abort);
    const asked = JSON.stringify(body);
    let [text, warnings] = ["", [] as readonly string[]];
    set(column, () => ({ state: "running", text, with: asked }));
    const isCurrent = () => going.current.get(column) === abort;
    let run: Run;
    let done: Done | undefined;
    try {
      const answer = await followWork<TriedAnswer>(PATH, body, {
        signal: abort.signal,
        onEvent({ event, data }) {
          if (event === "start") ({ warnings } = data as { warnings: readonly string[] });
          if (event !== "text" || !isCurrent()) return;
          text += (data as { text: string }).text;
          set(column, () => ({ state: "running", text, with: asked }));
        },
      });
      run = done = { state: "done", text, with: asked, answer, warnings };
    } catch (error) {
      run = abort.signal.aborted
        ? { state: "stopped", text, with: asked }
        : { state: "failed", text, with: asked, why: whyOf(error) };
    }
    if (!isCurrent()) return;
    going.current.delete(column);
    set(column, () => run);
    if (done) told.current(about, done);
    setEnded((before) => before + 1);
  }
  return {
    of: (column) => runs[column],
    start: (column, body, about) => void start(column, body, about),
    put: (column, run) => set(column, () => run),
    stop: (column) => going.current.get(column)?.abort(),
    ended,
  };
}

function whyOf(error: unknown): string {
  if (!(error instanceof Refused)) return String(error);
  const { retryAfterMs } = error.details;
  const wait =
    typeof retryAfterMs === "number" ? ` It asks to wait ${Math.ceil(retryAfterMs / 1_000)} s.` : "";
  return `${withoutPlace(error.message)}.${wait}`.replace(/\.\.$/, ".");
}
