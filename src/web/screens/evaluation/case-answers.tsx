import { wordDiff } from "../../../domain/text/word-diff.ts";
import { Icon } from "../../parts/icon.tsx";
import { ShownText } from "../../parts/shown-text.tsx";
import { Grade } from "./grade.tsx";
import type { TestedAnswer } from "../../../domain/shapes/playground.ts";
import type { ShownCase } from "./shown-evaluation.ts";

/** Both answers to a case beside each other, with what was checked and why it passed or not. */
export function CaseAnswers({
  of,
  candidate,
  baseline,
}: {
  readonly of: ShownCase;
  /** `@8` and `@7`. */
  readonly candidate: string;
  readonly baseline: string | null;
}) {
  const repeats = Math.max(of.candidate.length, of.baseline.length);
  return (
    <div class="case-answers">
      <Values vars={of.vars} />
      {Array.from({ length: repeats }, (_, repeat) => (
        <div key={repeat} class="answers">
          {repeats > 1 && <p class="note answers-head">Answer {repeat + 1}</p>}
          <Answer title={candidate} result={of.candidate[repeat]} other={of.baseline[repeat]} />
          {baseline !== null && (
            <Answer title={baseline} result={of.baseline[repeat]} other={of.candidate[repeat]} isOld />
          )}
        </div>
      ))}
    </div>
  );
}

function Values({ vars }: { readonly vars: ShownCase["vars"] }) {
  if (vars === null) return <p class="note">The values that it was asked with are not kept.</p>;
  return (
    <dl class="values">
      {Object.entries(vars).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <ShownText text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Answer({
  title,
  result,
  other,
  isOld = false,
}: {
  readonly title: string;
  readonly result: TestedAnswer | undefined;
  readonly other: TestedAnswer | undefined;
  readonly isOld?: boolean;
}) {
  return (
    <section class="answer" aria-label={`The answer of ${title}`}>
      <h3>
        {title} {result && <Grade results={[result]} />}
      </h3>
      {result ? (
        <Content result={result} other={other} isOld={isOld} />
      ) : (
        <p class="note">It was not asked.</p>
      )}
    </section>
  );
}

function Content({
  result,
  other,
  isOld,
}: {
  readonly result: TestedAnswer;
  readonly other: TestedAnswer | undefined;
  readonly isOld: boolean;
}) {
  const { error, output, outputSha256, cutOff, reused, tokens, latencyMs, costUsd, assertions } = result;
  return (
    <>
      {error === null ? (
        <p class="answer-text">
          <Differing text={output} other={other?.error === null ? other.output : undefined} isOld={isOld} />
        </p>
      ) : (
        <p class="failed-line">{error} It is never counted as passed.</p>
      )}
      {outputSha256 !== undefined && <p class="note">Cut after 4,000 characters.</p>}
      {cutOff && <p class="note">The model ended it at the limit of its tokens.</p>}
      <ul class="checks">
        {assertions.map(({ type, pass, score, reason, metric }, at) => (
          <li key={at} class={pass ? "good" : "harm"}>
            <Icon name={pass ? "done" : "harm"} />
            <span>
              <strong>{metric ?? type}</strong> {pass ? "passed" : "failed"}
              {score > 0 && score < 1 && ` (${score.toFixed(2)} of 1)`}
              {reason !== "" && (
                <span class="check-reason">
                  <ShownText text={reason} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p class="note">
        {tokens.input + tokens.output} tokens
        {costUsd !== null && costUsd > 0 && `, $${costUsd.toPrecision(2)}`}
        {latencyMs > 0 && `, ${Math.round(latencyMs).toLocaleString("en")} ms`}
        {reused && ", known from an earlier evaluation"}
      </p>
    </>
  );
}

/** A text with the words marked that the other one does not have. */
export function Differing({
  text,
  other,
  isOld,
}: {
  readonly text: string;
  readonly other: string | undefined;
  readonly isOld: boolean;
}) {
  if (other === undefined || other === text) return <ShownText text={text} />;
  const parts = isOld ? wordDiff(text, other) : wordDiff(other, text);
  const Mark = isOld ? "del" : "ins";
  const gone = isOld ? "added" : "removed";
  return (
    <>
      {parts
        .filter(({ kind }) => kind !== gone)
        .map(({ kind, text: part }, at) =>
          kind === "same" ? (
            <ShownText key={at} text={part} />
          ) : (
            <Mark key={at}>
              <ShownText text={part} />
            </Mark>
          ),
        )}
    </>
  );
}
