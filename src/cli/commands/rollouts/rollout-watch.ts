import { outcomeExitCode, type RolloutStatus } from "../../../domain/rollout/rollout.ts";
import { statusOfScope } from "../../../storage/read/rollout-status.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { followRollout } from "./follow-rollout.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import { LiveBlock } from "../../../terminal/live-block.ts";
import { progressLines } from "../../showing/progress-lines.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { refuseOtherVersion } from "./refuse-other-version.ts";
import { versionName } from "../../../storage/read/version.ts";
import { reading } from "../../store.ts";

/** Until the rollout ends: redrawn in place on a terminal, lines when piped, JSON lines with --json. */
export async function run(context: CommandContext, given: Given<"rollout watch">): Promise<number> {
  const { output, signal } = context;
  const reference = given.reference(0);
  const scope = given.scope(reference.prompt);
  return reading(context, async (db) => {
    const first = await statusOfScope(db, scope);
    await refuseOtherVersion(db, reference, (version) => versionName(version) === first.candidate);
    context.endsItself();
    const show = viewOf(context);
    const end = await followRollout(first.rolloutId, {
      db,
      until: ({ outcome }) => outcome !== null,
      onStatus: show,
      onStore: (unreachable) =>
        output.note(unreachable ? "Postgres cannot be reached; waiting…" : "Postgres is back"),
      signal,
    });
    if (end === "interrupted") {
      const interrupt = interruptOf(signal);
      if (interrupt === undefined) return EXIT.yes;
      output.note(`no longer watching; the rollout goes on. See: sluice rollout status ${scope.prompt}`);
      return interruptExitCode(interrupt);
    }
    return outcomeExitCode(end.outcome!, end);
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
