import { hasVersion } from "../../../domain/names.ts";
import { listFeedback, type ListedFeedback } from "../../../storage/read/feedback-list.ts";
import { requirePrompt, requireVersion } from "../../../storage/read/version.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { parsePastTime } from "../../parsing/past-time.ts";
import { reading } from "../../store.ts";
import { clock, figure, wrap } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"feedback">): Promise<void> {
  const { output } = context;
  const reference = given.reference(0);
  const { prompt } = reference;
  const since = parsePastTime(given.requiredText("since"), new Date());
  const limit = given.integer("limit", { min: 1, max: 1_000 })!;
  const kind = given.text("only") as "feedback" | "sample" | undefined;
  const found = await reading(context, async (db) => {
    await requirePrompt(db, prompt);
    const versionId = hasVersion(reference) ? (await requireVersion(db, reference)).id : undefined;
    return listFeedback(db, { prompt, versionId, since, with: kind, limit });
  });
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
