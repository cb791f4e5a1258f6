import { CASE_KINDS, type CaseKind } from "../../../domain/shapes/case-kinds.ts";
import { sayTests } from "../../../domain/plain/say-tests.ts";
import { shortName } from "../../../domain/plain/telling.ts";
import { usePages } from "../../data/pages.ts";
import { useResource } from "../../data/resource.ts";
import { evaluationsWentOn } from "../../data/stream.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, Loaded, PageHead, Section, useTitle } from "../../parts/page.tsx";
import { Pager } from "../../parts/pager.tsx";
import { Time } from "../../parts/time.tsx";
import { PromptLink, VersionLink } from "../../parts/version-link.tsx";
import { rolloutPath, useQuery } from "../../route.ts";
import { openPlayground } from "../playground/kept-values.ts";
import { casesAsYaml } from "./cases-as-yaml.ts";
import { CaseKinds, CasesTable } from "./cases-table.tsx";
import { EvaluationFacts } from "./evaluation-facts.tsx";
import type { CasesPage, ShownCase, ShownEvaluation } from "./shown-evaluation.ts";

const PAGE = 50;

/** What a version made of the test cases, beside what the current one makes of them. */
export function EvaluationPage({ evaluation }: { readonly evaluation: string }) {
  const path = `/v1/evaluations/${evaluation}`;
  const found = useResource<ShownEvaluation>(path, evaluationsWentOn);
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
          <Verdict evaluation={shown} />
          <div class="with-aside">
            <Cases evaluation={shown} />
            <EvaluationFacts evaluation={shown} />
          </div>
        </>
      )}
    </Loaded>
  );
}

function Verdict({ evaluation }: { readonly evaluation: ShownEvaluation }) {
  const { state, recorded, runs, tests, baseline, reason } = evaluation;
  if (state === "running")
    return (
      <div class="verdict calm">
        <p class="headline">Running the tests</p>
        <p>
          {recorded.toLocaleString("en")}
          {runs === null ? "" : ` of ${runs.toLocaleString("en")}`} {runs === 1 ? "answer" : "answers"}. It
          goes on whether anybody looks or not.
        </p>
        {runs !== null && <progress max={runs} value={recorded} aria-label="Answers" />}
      </div>
    );
  if (state === "failed")
    return (
      <div class="verdict harm">
        <p class="headline">Broke down</p>
        <p>{reason}</p>
      </div>
    );
  const { word, text, tone } = sayTests(tests, baseline === null ? null : shortName(baseline));
  const icon = tone === "good" ? "done" : tone === "harm" ? "harm" : "needs";
  return (
    <div class={`verdict ${tone === "wait" ? "needs" : tone}`}>
      <p class="headline">
        <Icon name={icon} /> {word}
      </p>
      <p>{text}</p>
    </div>
  );
}

function Cases({ evaluation }: { readonly evaluation: ShownEvaluation }) {
  const asked = CASE_KINDS.find((kind) => kind === useQuery().get("show"));
  const path = `/v1/evaluations/${evaluation.evaluationId}/cases`;
  const summary = useResource<CasesPage>(`${path}?limit=1`, evaluationsWentOn);
  return (
    <Section title="Cases">
      <Loaded from={summary} lines={6}>
        {({ counts }) => {
          // What got worse is what somebody comes to see; where nothing did, all of them.
          const show = asked ?? (counts.worse > 0 ? "worse" : counts.failed > 0 ? "failed" : "all");
          return (
            <>
              <CaseKinds
                counts={counts}
                shown={show}
                addressOf={(kind) => `${location.pathname}?show=${kind}`}
              />
              <CasesOfKind key={show} evaluation={evaluation} path={path} show={show} />
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

const NONE: Readonly<Record<CaseKind, string>> = {
  worse: "Nothing got worse.",
  failed: "Nothing failed.",
  better: "Nothing got better.",
  errors: "Every answer came.",
  flaky: "Every case passed or failed each time.",
  all: "No answer has come yet.",
};

function CasesOfKind({
  evaluation: { prompt, candidate, baseline },
  path,
  show,
}: {
  readonly evaluation: ShownEvaluation;
  readonly path: string;
  readonly show: CaseKind;
}) {
  const pages = usePages<ShownCase>(`${path}?show=${show}&limit=${PAGE}`, evaluationsWentOn);
  return (
    <>
      <Loaded from={pages.resource} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty text={NONE[show]} />
          ) : (
            <CasesTable
              key={pages.number}
              cases={items}
              candidate={shortName(candidate)}
              baseline={baseline === null ? null : shortName(baseline)}
              onTry={(values) => openPlayground(prompt, numbersOf(candidate, baseline), values)}
            />
          )
        }
      </Loaded>
      <Pager pages={pages} />
      {show !== "all" && (pages.resource.value?.items.length ?? 0) > 0 && (
        <p class="after-table note">
          These cases as YAML, for a file of test cases:{" "}
          <CopyButton text={casesAsYaml(pages.resource.value?.items ?? [])} of="these cases as YAML" />
        </p>
      )}
    </>
  );
}

/** Of `support-reply@8` and `support-reply@7`; files that were evaluated have none. */
function numbersOf(...versions: readonly (string | null)[]): number[] {
  return versions.flatMap((one) => /@([1-9][0-9]*)$/.exec(one ?? "")?.[1] ?? []).map(Number);
}
