import { evaluationData } from "../../../domain/addresses/first-data.ts";
import { CASE_KINDS, type CaseKind } from "../../../domain/shapes/case-kinds.ts";
import { shortName } from "../../../domain/plain/telling.ts";
import type { Kept } from "../../data/kept.ts";
import { usePages } from "../../data/pages.ts";
import { useResource } from "../../data/resource.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Empty, Loaded, Section } from "../../parts/page.tsx";
import { Pager } from "../../parts/pager.tsx";
import { TypedField } from "../../parts/typed-field.tsx";
import { changeQuery, useQuery, withQuery } from "../../route.ts";
import { openPlayground } from "../playground/kept-values.ts";
import { casesAsYaml } from "./cases-as-yaml.ts";
import { CaseKinds, CasesTable } from "./cases-table.tsx";
import type { CasesPage, ShownCase, ShownEvaluation } from "./shown-evaluation.ts";

const PAGE = "50";

interface OfEvaluation {
  readonly evaluation: ShownEvaluation;
  readonly changes: Kept<number>;
}

/** Its cases, of a kind and with a text that are in the address. */
export function EvaluationCases({ evaluation, changes }: OfEvaluation) {
  const query = useQuery();
  const asked = CASE_KINDS.find((kind) => kind === query.get("show"));
  const q = query.get("q") ?? "";
  const path = `${evaluationData(evaluation.evaluationId)}/cases`;
  const summary = useResource<CasesPage>(withQuery(path, { limit: "1", q }), changes);
  return (
    <Section title="Cases">
      <div class="search">
        <TypedField
          label="Find a case"
          placeholder="Description, value or answer"
          value={q}
          onTyped={(text) => changeQuery({ q: text })}
        />
      </div>
      <Loaded from={summary} lines={6}>
        {({ counts }) => {
          // What got worse is what somebody comes to see; where nothing did, all of them.
          const show = asked ?? (counts.worse > 0 ? "worse" : counts.failed > 0 ? "failed" : "all");
          return (
            <>
              <CaseKinds
                counts={counts}
                shown={show}
                addressOf={(kind) => withQuery(location.pathname, { show: kind, q })}
              />
              <CasesOfKind
                key={`${show} ${q}`}
                evaluation={evaluation}
                changes={changes}
                path={withQuery(path, { show, q, limit: PAGE })}
                none={q === "" ? NONE[show] : "No such case is like that."}
                isAll={show === "all"}
              />
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
  changes,
  path,
  none,
  isAll,
}: OfEvaluation & { readonly path: string; readonly none: string; readonly isAll: boolean }) {
  const pages = usePages<ShownCase>(path, changes);
  return (
    <>
      <Loaded from={pages.resource} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty text={none} />
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
      {!isAll && (pages.resource.value?.items.length ?? 0) > 0 && (
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
