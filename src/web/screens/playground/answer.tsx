import type { TriedAnswer } from "../../../domain/shapes/playground.ts";
import { value } from "../../../domain/plain/amounts.ts";
import { ShownText } from "../../parts/shown-text.tsx";
import { Differing } from "../evaluation/case-answers.tsx";
import type { Run } from "./use-runs.ts";

/** An answer while it comes, and what it took when it is there. */
export function Answer({
  run,
  isOutdated,
  other,
  isOld,
  isBlind = false,
}: {
  readonly run: Run;
  /** Something was changed since it was asked. */
  readonly isOutdated: boolean;
  readonly other: string | undefined;
  readonly isOld: boolean;
  /** What it took would give away whose it is. */
  readonly isBlind?: boolean;
}) {
  const isMarked = run.state === "done" && other !== undefined && other !== "";
  return (
    <>
      {run.text !== "" && (
        <p class="answer-text">
          {isMarked ? (
            <Differing text={run.text} other={other} isOld={isOld} />
          ) : (
            <ShownText text={run.text} />
          )}
        </p>
      )}
      {run.state === "done" &&
        run.answer.toolCalls.map((call, at) => (
          <pre key={at} class="text">
            <ShownText text={`${call.name}(${call.arguments})`} />
          </pre>
        ))}
      <div role="status" class={run.state === "failed" ? "failed-line" : "note"}>
        {run.state === "running" && (run.text === "" ? "Waiting for the first word…" : "It is answering…")}
        {run.state === "stopped" && "Stopped. What it had written until then may have cost something."}
        {run.state === "failed" && run.why}
        {run.state === "done" && (isBlind ? "It has answered." : sentence(run.answer, run.text))}
      </div>
      {run.state === "done" &&
        !isBlind &&
        run.warnings.map((warning) => (
          <p key={warning} class="note">
            {warning}
          </p>
        ))}
      {isOutdated && run.state !== "running" && (
        <p class="note differs">It was asked with other values or another text than stand here now.</p>
      )}
    </>
  );
}

const ENDINGS: Readonly<Record<string, string>> = {
  length: "It was cut at the limit of its tokens. ",
  content_filter: "The provider held it back. ",
  tool_calls: "It wants a tool called. ",
};

function sentence(
  { finishReason, refused, tokens, costUsd, firstTextMs, latencyMs }: TriedAnswer,
  text: string,
): string {
  const facts = [
    tokens ? `${tokens.input.toLocaleString("en")} tokens in, ${tokens.output.toLocaleString("en")} out` : "",
    firstTextMs === null ? "" : `first word after ${seconds(firstTextMs)}`,
    `all of it after ${seconds(latencyMs)}`,
    costUsd === null ? "" : value(costUsd, { kind: "money" }),
  ];
  const ending = refused ? "It refused. " : (ENDINGS[finishReason] ?? "");
  const nothing = text === "" && finishReason === "stop" ? "It said nothing. " : "";
  return `${ending}${nothing}${facts.filter((fact) => fact !== "").join(", ")}.`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
