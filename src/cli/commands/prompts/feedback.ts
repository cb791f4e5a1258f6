import type { ListedFeedback } from "../../../domain/shapes/feedback.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { parsePastTime } from "../../parsing/past-time.ts";
import { withSluice } from "../../store.ts";
import { clock, figure, wrap } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"feedback">): Promise<void> {
  const { output } = context;
  const since = parsePastTime(given.requiredText("since"), new Date());
  const limit = given.integer("limit", { min: 1, max: 1_000 })!;
  const only = given.text("only") as "feedback" | "sample" | undefined;
  const found = await withSluice(context, (sluice) =>
    sluice.feedback({ prompt: given.required(0), only, since, limit }),
  );
  output.result(found, () =>
    found.length === 0
      ? ["nothing was said and nothing sampled; services give both with prompts.record"]
      : found.flatMap((one, at) => [...(at > 0 ? [""] : []), ...lines(one, output.width)]),
  );
}

function lines(
  { version, receivedAt, arm, metrics, feedback, sample }: ListedFeedback,
  width: number,
): string[] {
  const values = Object.entries(metrics).map(
    ([name, value]) => `${name} ${typeof value === "number" ? figure(value) : JSON.stringify(value)}`,
  );
  const head = [`@${version}`, clock(receivedAt), ...(arm ? [arm] : []), ...values].join("  ");
  return [
    ...wrap(head, width),
    ...(feedback === null ? [] : wrap(feedback, width - 2).map((line) => `  ${line}`)),
    ...(sample === null ? [] : wrap(JSON.stringify(sample), width - 4).map((line) => `    ${line}`)),
  ];
}
