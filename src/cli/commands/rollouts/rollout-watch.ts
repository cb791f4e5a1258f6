import { outcomeExitCode, type RolloutStatus } from "../../../domain/rollout/rollout.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import { LiveBlock } from "../../../terminal/live-block.ts";
import { progressLines } from "../../showing/progress-lines.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { withSluice } from "../../store.ts";

/** Until the rollout ends: redrawn in place on a terminal, lines when piped, JSON lines with --json. */
export async function run(context: CommandContext, given: Given<"rollout watch">): Promise<number> {
  const { output, signal } = context;
  return withSluice(context, async (sluice) => {
    const first = await sluice.status(given.rollout(0));
    context.endsItself();
    const show = viewOf(context);
    const { where } = sluice;
    const onUnreachable = (unreachable: boolean) =>
      output.note(unreachable ? `${where} cannot be reached; waiting…` : `${where} is back`);
    for await (const status of sluice.follow(first, { signal, onUnreachable })) {
      show(status);
      if (status.outcome !== null) return outcomeExitCode(status.outcome, status);
    }
    const interrupt = interruptOf(signal);
    if (interrupt === undefined) return EXIT.yes;
    output.note(`no longer watching; the rollout goes on. See: sluice rollout status ${first.prompt}`);
    return interruptExitCode(interrupt);
  });
}

function viewOf({ output }: CommandContext): (status: RolloutStatus) => void {
  if (output.live) {
    const block = new LiveBlock(
      (text) => output.raw(text),
      () => process.stdout.rows || 24,
    );
    return (status) => block.draw(renderStatus(status, output));
  }
  if (!output.json) return progressLines((line) => output.lines([line]));
  let last = "";
  return (status) => {
    const line = JSON.stringify(status);
    if (line === last) return;
    last = line;
    output.event(status, () => []);
  };
}
