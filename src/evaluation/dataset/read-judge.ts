import { invalidInput } from "../../domain/errors.ts";
import { didYouMean } from "../../domain/text/suggestion.ts";
import { shown } from "../../domain/text/visible.ts";
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
 * The models that an assertion asks for, its own or its case's common ones; of several by task, the one for that.
 * A common one that is not said to embed is a judge's, and means nothing to embeddings.
 *
 * @param configured providers that a file names, beside those that are built in
 */
export function readJudge(
  kind: AssertionKind,
  own: JudgesSource | undefined,
  common: JudgesSource | undefined,
  where: string,
  configured: readonly string[] = [],
): Pick<Assertion, "judge" | "judgeParams" | "embedding"> {
  const ofTask = (given: JudgesSource | undefined, task: Task): JudgeSource | undefined =>
    given === undefined || "id" in given ? given : given[task];
  const read = (source: JudgeSource | undefined, task: Task) =>
    source && readModel(source, task, where, configured);
  const unlessPlain = (given: JudgesSource | undefined) =>
    given !== undefined && "id" in given ? undefined : given;
  const judge = kind.judged ? read(ofTask(own, "text") ?? ofTask(common, "text"), "text") : undefined;
  const ownEmbedder = ofTask(kind.judged ? unlessPlain(own) : own, "embedding");
  const embedder = kind.embedded
    ? read(ownEmbedder ?? ofTask(unlessPlain(common), "embedding"), "embedding")
    : undefined;
  if (!kind.judged) return embedder ? { judge: embedder.name } : {};
  return {
    ...(judge && { judge: judge.name }),
    ...(judge?.params && { judgeParams: judge.params }),
    ...(embedder && { embedding: embedder.name }),
  };
}

type Task = "text" | "embedding";

interface ReadModel {
  readonly name: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

function readModel(source: JudgeSource, task: Task, where: string, configured: readonly string[]): ReadModel {
  const { provider, model } = readModelTarget(source.id, where, configured);
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
  return { name: `${provider}/${model}`, ...(Object.keys(config).length > 0 && { params: config }) };
}
