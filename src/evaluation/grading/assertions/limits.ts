import * as v from "valibot";
import { SluiceError } from "../../../domain/errors.ts";
import type { Completion } from "../../../providers/completion.ts";
import { grade } from "./assertion.ts";
import { type AssertionKind, needsText, needsThreshold } from "./assertion-kind.ts";

const countShape = v.union([
  v.pipe(v.number(), v.integer(), v.minValue(0)),
  v.strictObject({ min: v.optional(v.number()), max: v.optional(v.number()) }),
]);

function readCount(value: unknown): { readonly min: number; readonly max: number } | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  const read = v.safeParse(countShape, number);
  if (!read.success) return undefined;
  if (typeof read.output === "number") return { min: read.output, max: read.output };
  const { min = 0, max = Number.POSITIVE_INFINITY } = read.output;
  return min <= max ? { min, max } : undefined;
}

/** What was never measured is within no limit. */
function refuseGiven({ attempts }: Completion): void {
  if (attempts === 0)
    throw new SluiceError(
      "invalid_input",
      "the answer is given (providerOutput): nobody was asked, so there is nothing to measure",
    );
}

/** Checks on the facts of an answer: what it cost, how long it took, how long it is, how it ended. */
export const limitKinds: Readonly<Record<string, AssertionKind>> = {
  cost: {
    ofCall: true,
    problem: needsThreshold,
    grade({ threshold = 0 }, { completion }) {
      refuseGiven(completion);
      const { costUsd } = completion;
      if (costUsd === null)
        throw new SluiceError(
          "invalid_input",
          "the cost is not known: the model's price is not in the prices file, or the endpoint left its usage out",
        );
      const within = costUsd <= threshold;
      return grade(
        within,
        `the answer cost $${costUsd.toPrecision(3)}, ${within ? "within" : "over"} $${threshold}`,
      );
    },
  },
  latency: {
    ofCall: true,
    problem: needsThreshold,
    grade({ threshold = 0 }, { completion }) {
      refuseGiven(completion);
      const { latencyMs } = completion;
      const within = latencyMs <= threshold;
      return grade(
        within,
        `the answer took ${Math.round(latencyMs)} ms, ${within ? "within" : "over"} ${threshold} ms`,
      );
    },
  },
  "word-count": {
    problem: ({ value }) =>
      readCount(value) ? undefined : "it needs a value: a number of words, or { min, max }",
    grade({ value }, { text }) {
      const { min, max } = readCount(value)!;
      const words = text.match(/\S+/g)?.length ?? 0;
      const within = words >= min && words <= max;
      const wanted =
        min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`;
      return grade(within, `the answer has ${words} words, ${wanted} are wanted`);
    },
  },
  "finish-reason": {
    ofCall: true,
    problem: needsText,
    grade({ value }, { completion: { finishReason } }) {
      const same = finishReason === String(value).toLowerCase();
      return grade(same, `the answer ended with ${finishReason}${same ? "" : `, not ${String(value)}`}`);
    },
  },
};
