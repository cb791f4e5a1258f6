import { useMemo, useState } from "preact/hooks";
import { evaluationData } from "../../../domain/addresses/first-data.ts";
import { sayTests } from "../../../domain/plain/say-tests.ts";
import { shortName } from "../../../domain/plain/telling.ts";
import { OfferedActs } from "../../acts/offered.tsx";
import { useResource } from "../../data/resource.ts";
import { changesOfEvaluation } from "../../data/stream.ts";
import { Loaded, PageHead, useTitle } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { Verdict } from "../../parts/verdict.tsx";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";
import { rolloutPath } from "../../route.ts";
import { EvaluationCases } from "./evaluation-cases.tsx";
import { EvaluationFacts } from "./evaluation-facts.tsx";
import type { ShownEvaluation } from "./shown-evaluation.ts";
import { StopDialog } from "./stop-dialog.tsx";

/** What a version made of the test cases, beside what the current one makes of them. */
export function EvaluationPage({ evaluation }: { readonly evaluation: string }) {
  const path = evaluationData(evaluation);
  const changes = useMemo(() => changesOfEvaluation(evaluation), [evaluation]);
  const found = useResource<ShownEvaluation>(path, changes);
  useTitle(found.value ? `Tests of ${found.value.candidate}` : "Tests");
  return (
    <Loaded from={found} lines={12} title="Tests">
      {(shown) => (
        <>
          <PageHead
            title={`Tests of ${shown.candidate}`}
            kicker={<PromptLink prompt={shown.prompt} />}
            acts={
              shown.state === "ended" && (
                <a
                  class="button"
                  href={`${path}/report.xml`}
                  download={`tests-${evaluation.slice(0, 8)}.xml`}
                >
                  Download for CI (JUnit)
                </a>
              )
            }
          >
            <p class="lead">
              {shown.baseline === null ? (
                "Against nothing: no version was served"
              ) : (
                <>
                  Against <VersionLink of={shown.baseline} />
                </>
              )}
              , <Time at={shown.startedAt} />
              {shown.rolloutId !== null && (
                <>
                  , for <a href={rolloutPath(shown.rolloutId)}>its rollout</a>
                </>
              )}
            </p>
          </PageHead>
          <WhatItFound evaluation={shown} />
          <div class="with-aside">
            <EvaluationCases evaluation={shown} changes={changes} />
            <EvaluationFacts evaluation={shown} />
          </div>
        </>
      )}
    </Loaded>
  );
}

function WhatItFound({ evaluation }: { readonly evaluation: ShownEvaluation }) {
  const { state, recorded, runs, tests, baseline, reason } = evaluation;
  const [isStopping, setStopping] = useState(false);
  if (state === "running")
    return (
      <>
        <Verdict
          tone="calm"
          word="Running the tests"
          acts={
            <OfferedActs
              acts={[
                {
                  name: "Stop…",
                  right: evaluation.can.stop,
                  tone: "danger",
                  onAct: () => setStopping(true),
                },
              ]}
            />
          }
        >
          <p>
            {recorded.toLocaleString("en")}
            {runs === null ? "" : ` of ${runs.toLocaleString("en")}`} {runs === 1 ? "answer" : "answers"}. It
            goes on whether anybody looks or not.
          </p>
          {runs !== null && <progress max={runs} value={recorded} aria-label="Answers" />}
        </Verdict>
        {isStopping && <StopDialog evaluation={evaluation} onClose={() => setStopping(false)} />}
      </>
    );
  if (state === "failed")
    return (
      <Verdict tone="harm" word="No verdict">
        <p>{reason}</p>
      </Verdict>
    );
  const { word, text, tone } = sayTests(tests, baseline === null ? null : shortName(baseline));
  return (
    <Verdict tone={tone} word={word}>
      <p>{text}</p>
    </Verdict>
  );
}
