import { invalidInput } from "../../domain/errors.ts";
import { didYouMean } from "../../domain/suggestion.ts";
import { shown } from "../../domain/visible.ts";
import type { Assertion } from "../grading/assertions/assertion.ts";
import type { AssertionKind } from "../grading/assertions/assertion-kind.ts";
import type { JudgeSource, JudgesSource } from "./dataset-schema.ts";
import { readModelTarget } from "../grading/assertions/model-target.ts";

/** What a judge may be asked with, handed on as it is. */
const PARAMS = [
  "temperature",
  "max_tokens",
  "max_completion_tokens",
  "top_p",
  "top_k",
  "seed",
  "reasoning_effort",
  "verbosity",
  "thinking",
  "frequency_penalty",
  "presence_penalty",
] as const;

/**
 * The model that an assertion asks for, its own or its case's common one; of several by task, the one for that.
 * A common one that is not said to embed is a judge's, and means nothing to embeddings.
 */
export function readJudge(
  kind: AssertionKind,
  own: JudgesSource | undefined,
  common: JudgesSource | undefined,
  where: string,
): Pick<Assertion, "judge" | "judgeParams"> {
  const task = kind.judged ? "text" : kind.embedded ? "embedding" : undefined;
  if (task === undefined) return {};
  const ofTask = (given: JudgesSource | undefined): JudgeSource | undefined =>
    given === undefined || "id" in given ? given : given[task];
  const isPlainCommon = common !== undefined && "id" in common;
  const source = ofTask(own) ?? (task === "embedding" && isPlainCommon ? undefined : ofTask(common));
  if (source === undefined) return {};
  const { provider, model } = readModelTarget(source.id, where);
  const judge = `${provider}/${model}`;
  const { config = {} } = source;
  for (const key of Object.keys(config)) {
    if (task === "text" && PARAMS.some((one) => one === key)) continue;
    const why =
      task === "embedding"
        ? "a model that embeds takes none"
        : key.startsWith("api")
          ? "a judge is asked at your own endpoint"
          : `a judge takes ${PARAMS.join(", ")}`;
    throw invalidInput(
      `${where}: the judge's config has ${shown(key)}${didYouMean(key, PARAMS) || `; ${why}`}`,
      { where, key },
    );
  }
  return Object.keys(config).length === 0 ? { judge } : { judge, judgeParams: config };
}
