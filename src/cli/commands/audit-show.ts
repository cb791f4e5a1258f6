import { findLatestRollout } from "../../storage/read/rollout-row.ts";
import {
  findRolloutId,
  readRolloutHistory,
  type RolloutHistory,
} from "../../storage/read/rollout-history.ts";
import type { Database } from "../../storage/database.ts";
import { auditLines } from "../audit-lines.ts";
import type { CommandArguments } from "../command-arguments.ts";
import type { CommandContext } from "../context.ts";
import type { Output } from "../output.ts";
import { renderStatus } from "../render-status.ts";
import { reading } from "../store.ts";
import { clock, wrap } from "../text-layout.ts";

export async function run(context: CommandContext, given: CommandArguments): Promise<void> {
  const { output } = context;
  const history = await reading(context, async (db) => readRolloutHistory(db, await rolloutOf(db, given)));
  output.result(history, () => lines(history, output));
}

/** By its id (or the beginning of it), or by its prompt: the last one. */
async function rolloutOf(db: Database, given: CommandArguments): Promise<string> {
  const text = given.required(0);
  if (/^[0-9a-f]{8}(-|$)/.test(text)) return findRolloutId(db, text);
  const latest = await findLatestRollout(db, given.scope(given.reference(0).prompt));
  return latest?.id ?? findRolloutId(db, text);
}

function lines(
  { rollout, gate, approvals, assessments, ticks, audit }: RolloutHistory,
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
      `verdicts, as they changed over ${ticks} looks`,
      assessments.flatMap((one) =>
        wrap(
          `${clock(one.at)} stage ${one.stage}, look ${one.tick}: ${one.verdict}: ${one.reason}`,
          width,
          "  ",
        ),
      ),
    ),
    ...section("what was done", auditLines(audit, output)),
  ];
}
