import { counted } from "../../../domain/text/counted.ts";
import type { RolloutHistory } from "../../../domain/shapes/rollout-record.ts";
import { auditLines } from "../../showing/audit-lines.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { decisionLines } from "../../showing/decision-lines.ts";
import type { Output } from "../../../terminal/output.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { rolloutOf } from "../../parsing/rollout-argument.ts";
import { withSluice } from "../../store.ts";
import { clock, wrap } from "../../../terminal/text-layout.ts";

export async function run(context: CommandContext, given: Given<"audit show">): Promise<void> {
  const { output } = context;
  const history = await withSluice(context, (sluice) => sluice.rolloutRecord(rolloutOf(given)));
  output.result(history, () => lines(history, output));
}

function lines(
  { rollout, gate, approvals, assessments, ticks, decision, audit }: RolloutHistory,
  output: Output,
): string[] {
  const { width, paint } = output;
  const section = (title: string, body: readonly string[]) =>
    body.length === 0 ? [] : ["", paint.bold(title), ...body];
  return [
    ...renderStatus(rollout, output),
    ...wrap(`rollout ${rollout.rolloutId}`, width).map(paint.dim),
    ...section("gate", gate ? wrap(`${gate.verdict ?? "running"}: ${gate.reason ?? ""}`, width, "  ") : []),
    ...section(
      "approvals",
      approvals.flatMap((one) =>
        wrap(
          `${clock(one.at)} ${one.decision}, before ${one.point}, by ${one.asserted || one.login} (login ${one.login})${one.comment ? `: ${one.comment}` : ""}`,
          width,
          "  ",
        ),
      ),
    ),
    ...section(
      `verdicts, as they changed over ${counted(ticks, "look")}`,
      assessments.flatMap((one) =>
        wrap(
          `${clock(one.at)} stage ${one.stage}, look ${one.tick}: ${one.verdict}: ${one.reason}`,
          width,
          "  ",
        ),
      ),
    ),
    ...section(
      decision ? `the last look (${decision.tick}, decision code ${decision.codeVersion})` : "",
      decision ? decisionLines(decision.assessment, output) : [],
    ),
    ...section("what was done", auditLines(audit, output)),
  ];
}
