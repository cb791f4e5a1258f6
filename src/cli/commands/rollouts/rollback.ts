import { invalidInput, messageOf } from "../../../domain/errors.ts";
import { describeConfirmation, type FleetConfirmation } from "../../../domain/fleet.ts";
import { hasVersion } from "../../../domain/names.ts";
import { parseDuration } from "../../../domain/policy/quantity.ts";
import { columnsScope, describeScope, type ScopeColumns } from "../../../domain/scope.ts";
import { shown } from "../../../domain/text/visible.ts";
import type { AwaitFleetRequest } from "../../../client/requests.ts";
import type { Sluice } from "../../../client/sluice.ts";
import type { RolledBack } from "../../../domain/shapes/pointers.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import { withSluice } from "../../store.ts";
import { wrapAll } from "../../../terminal/text-layout.ts";

/** How long nothing is said of a Postgres that does not answer. */
const SILENCE_MS = 800;

/** By Postgres alone, or a server: nothing here asks Temporal. Once it is done, who has confirmed it is only told. */
export async function run(context: CommandContext, given: Given<"rollback">): Promise<number> {
  const { output } = context;
  const scope = readScope(given);
  const reason = given.requiredText("reason");
  const withinMs = readWait(given.text("waitForFleet"));
  const endBlockers = given.flag("endBlockers");
  const of = { ...scope, prompt: scope.prompt || undefined, anyPrompt: scope.prompt === "" };
  return withSluice(context, async (sluice) => {
    const since = performance.now();
    const connecting = setTimeout(
      () => output.note(`still waiting for a connection to ${sluice.where}`),
      SILENCE_MS,
    );
    const onNote = (line: string) => output.note(line);
    const onConnected = () => clearTimeout(connecting);
    const request = { ...of, reason, to: given.text("to"), endBlockers, onNote, onConnected };
    const done = await sluice.rollBack(request).finally(onConnected);
    // It is done: Ctrl-C from here on only ends the waiting.
    context.endsItself();
    if (!output.json) output.lines(wrapAll(output.width, sentences(scope, done)));
    const fleet = await confirmations(context, sluice, { ...of, revision: done.revision, withinMs, since });
    output.result({ ...done, fleet }, () => (fleet === null ? [] : [describeConfirmation(fleet)]));
    const interrupt = interruptOf(context.signal);
    if (interrupt === undefined) return EXIT.yes;
    output.note("no longer waiting for the services; it is rolled back");
    return interruptExitCode(interrupt);
  });
}

function readScope(given: Given<"rollback">): ScopeColumns {
  const name = given.optional(0);
  if (!given.flag("anyPrompt")) {
    if (name === undefined) throw invalidInput("name the prompt, or give --any-prompt and --model");
    const reference = given.reference(0);
    const { prompt } = reference;
    if (hasVersion(reference))
      throw invalidInput(
        `rollback takes a prompt's name, and goes back from what it serves now: sluice rollback ${prompt} --reason …; to go back to that very version, add --to ${name}`,
        { prompt },
      );
    return given.scope(prompt);
  }
  if (name !== undefined) throw invalidInput("--any-prompt is for every prompt: leave the name out");
  const scope = given.scope("");
  if (scope.model === "")
    throw invalidInput("--any-prompt needs --model: a default is for every prompt of one model");
  return scope;
}

function sentences(scope: ScopeColumns, { serves, revision, changed, ended }: RolledBack): string[] {
  const where = describeScope(columnsScope(scope));
  const served = `${where} serves ${serves ?? "what a more general scope serves, or nothing"} (revision ${revision})`;
  return [
    ...(ended === null ? [] : [`the rollout of ${ended} is ended`]),
    changed ? served : `nothing to undo: ${served}`,
  ];
}

async function confirmations(
  context: CommandContext,
  sluice: Sluice,
  of: AwaitFleetRequest,
): Promise<FleetConfirmation | null> {
  try {
    return await sluice.awaitFleet({ ...of, signal: context.signal });
  } catch (error) {
    const why = messageOf(error);
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
