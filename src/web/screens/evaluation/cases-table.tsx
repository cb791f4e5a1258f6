import { useEffect, useRef, useState } from "preact/hooks";
import { CASE_KINDS, type CaseKind } from "../../../domain/shapes/case-kinds.ts";
import { ShownText } from "../../parts/shown-text.tsx";
import { CaseAnswers } from "./case-answers.tsx";
import { Grade } from "./grade.tsx";
import { nameOf, type ShownCase, whyOf } from "./shown-evaluation.ts";

const NAMES: Readonly<Record<CaseKind, string>> = {
  worse: "Got worse",
  failed: "Failed",
  better: "Got better",
  errors: "No answer",
  flaky: "Sometimes",
  all: "All",
};

/** Which cases are looked at, with how many there are of each kind. */
export function CaseKinds({
  counts,
  shown,
  addressOf,
}: {
  readonly counts: Readonly<Record<CaseKind, number>>;
  readonly shown: CaseKind;
  readonly addressOf: (kind: CaseKind) => string;
}) {
  return (
    <nav class="kinds" aria-label="Which cases">
      {CASE_KINDS.map((kind) => (
        <a
          key={kind}
          class="kind"
          href={addressOf(kind)}
          {...(kind === shown && { "aria-current": "true" as const })}
        >
          {NAMES[kind]} <span class="count">{counts[kind].toLocaleString("en")}</span>
        </a>
      ))}
    </nav>
  );
}

/** Alt and an arrow: the next case, or the one before. */
function useCaseKeys(move: (step: 1 | -1) => void): void {
  const latest = useRef(move);
  latest.current = move;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
      // Where text is written these keys move lines.
      const at = event.target instanceof Element ? event.target : document.body;
      if (at !== document.body && !at.closest(".cases")) return;
      event.preventDefault();
      latest.current(event.key === "ArrowDown" ? 1 : -1);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

/** Cases, each of which opens in its place. */
export function CasesTable({
  cases,
  candidate,
  baseline,
  onTry,
}: {
  readonly cases: readonly ShownCase[];
  readonly candidate: string;
  readonly baseline: string | null;
  /** Takes a case's values to where both versions can be asked again. */
  readonly onTry: ((values: Readonly<Record<string, unknown>>) => void) | undefined;
}) {
  // The first that got worse is what somebody came to see.
  const [open, setOpen] = useState<number | undefined>(cases[0]?.caseIndex);
  useCaseKeys((step) => {
    const at = cases.findIndex(({ caseIndex }) => caseIndex === open);
    const next = cases[at + step]?.caseIndex;
    if (next === undefined) return;
    setOpen(next);
    document.querySelector<HTMLElement>(`[aria-controls="case-${next}"]`)?.focus();
  });
  return (
    <ul class="cases">
      {cases.map((one) => {
        const isOpen = one.caseIndex === open;
        const id = `case-${one.caseIndex}`;
        const why = whyOf(one.candidate);
        return (
          <li key={one.caseIndex} class="case card">
            <h3>
              <button
                type="button"
                class="case-head"
                aria-expanded={isOpen}
                aria-controls={id}
                onClick={() => setOpen(isOpen ? undefined : one.caseIndex)}
              >
                <span class="case-name">
                  <ShownText text={nameOf(one)} />
                </span>
                <span class="case-grades">
                  {candidate} <Grade results={one.candidate} />
                  {baseline !== null && (
                    <>
                      <span class="note">{baseline}</span> <Grade results={one.baseline} />
                    </>
                  )}
                </span>
              </button>
            </h3>
            {!isOpen && why !== "" && (
              <p class="note case-why">
                <ShownText text={why} />
              </p>
            )}
            <div id={id} hidden={!isOpen}>
              {isOpen && (
                <>
                  <CaseAnswers of={one} candidate={candidate} baseline={baseline} />
                  {onTry && one.vars !== null && (
                    <button type="button" class="small" onClick={() => onTry(one.vars ?? {})}>
                      Open in the playground
                    </button>
                  )}
                </>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
