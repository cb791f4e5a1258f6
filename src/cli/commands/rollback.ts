import { invalidInput } from "../../domain/errors.ts";
import { describeConfirmation, type FleetConfirmation } from "../../domain/fleet.ts";
import { parseVersionReference } from "../../domain/names.ts";
import { parseDuration } from "../../domain/quantity.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../../domain/scope.ts";
import type { Database } from "../../storage/database.ts";
import { findPointer } from "../../storage/read/pointer.ts";
import { numberedVersion, requirePrompt } from "../../storage/read/version.ts";
import { awaitFleet } from "../../use-cases/await-fleet.ts";
import { rollBack } from "../../use-cases/roll-back.ts";
import type { CommandArguments } from "../command-arguments.ts";
import { actorOf, type CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { interruptExitCode, interruptOf } from "../interruption.ts";
import { writing } from "../store.ts";
import { shown } from "../../domain/visible.ts";

/** By Postgres alone: nothing here asks Temporal. Once it is done, who has confirmed it is only told. */
export async function run(context: CommandContext, given: CommandArguments): Promise<number> {
  const { output } = context;
  const scope = given.scope(given.reference(0).prompt);
  const reason = given.requiredText("reason");
  const target = given.text("to");
  const to = target === undefined ? undefined : parseVersionReference(target);
  const withinMs = readWait(given.text("waitForFleet"));
  const where = describeScope(columnsScope(scope));
  return writing(context, async (db) => {
    if (!(await findPointer(db, scope))) await requirePrompt(db, scope.prompt);
    const since = performance.now();
    const done = await rollBack(db, {
      scope,
      reason,
      by: actorOf(context),
      to: to && (await numberedVersion(db, to)),
    });
    // It is done: Ctrl-C from here on only ends the waiting.
    context.minds();
    const serves = done.serves ?? "what a more general scope serves, or nothing";
    const said = `${where} serves ${serves} (revision ${done.revision})`;
    if (!output.json) output.lines([done.changed ? said : `nothing to undo: ${said}`]);
    const fleet = await confirmations(context, db, { scope, revision: done.revision, withinMs, since });
    output.result({ ...done, fleet }, () => (fleet === null ? [] : [describeConfirmation(fleet)]));
    const interrupt = interruptOf(context.signal);
    if (interrupt === undefined) return EXIT.yes;
    output.note("no longer waiting for the services; it is rolled back");
    return interruptExitCode(interrupt);
  });
}

async function confirmations(
  context: CommandContext,
  db: Database,
  of: { scope: ScopeColumns; revision: number; withinMs: number; since: number },
): Promise<FleetConfirmation | null> {
  try {
    return await awaitFleet(db, { ...of, signal: context.signal });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.output.note(`it is rolled back; who has confirmed that cannot be told (${why})`);
    return null;
  }
}

function readWait(text = "2s"): number {
  const ms = text.trim() === "0" ? 0 : parseDuration(text);
  if (ms !== undefined) return ms;
  throw invalidInput(`--wait-for-fleet must be a duration such as 2s or 500ms, or 0, not ${shown(text)}`, {
    option: "wait-for-fleet",
  });
}
