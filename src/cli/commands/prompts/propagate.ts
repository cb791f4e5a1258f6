import { setTimeout as delay } from "node:timers/promises";
import type { Sluice } from "../../../client/sluice.ts";
import { SluiceError } from "../../../domain/errors.ts";
import { type Propagation, UNDER_WAY } from "../../../domain/shapes/propagating.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { propagationExitCode, propagationLines, stepLine } from "../../showing/propagation.ts";
import { withSluice } from "../../store.ts";

/** Between two looks at what is followed, in ms. */
const LOOK_MS = 500;

/** Takes a version to what includes its prompt. With --wait until that is done: 0 where all of it has gone well. */
export async function run(context: CommandContext, given: Given<"propagate">): Promise<number> {
  const { output } = context;
  return withSluice(context, async (sluice) => {
    const started = await sluice.propagate({
      version: given.required(0),
      to: given.list("to"),
      label: given.text("label"),
      rollout: given.flag("rollout"),
      maxCostUsd: given.number("maxCost"),
    });
    if (given.flag("wait")) return follow(context, sluice, started);
    output.result(started, () => propagationLines(started, output));
    return 0;
  });
}

async function follow(context: CommandContext, sluice: Sluice, started: Propagation): Promise<number> {
  const { output, signal } = context;
  context.endsItself();
  const told = new Map<string, string>();
  for (let now = started; ; now = await looked(sluice, now)) {
    for (const step of now.dependants)
      if (step.state !== "waiting" && told.get(step.prompt) !== step.state) {
        told.set(step.prompt, step.state);
        output.progress(stepLine(step));
      }
    if (now.endedAt !== null && now.dependants.every(({ state }) => !UNDER_WAY.has(state))) {
      output.result(now, () => propagationLines(now, output));
      return propagationExitCode(now);
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
  }
  output.note(`no longer following; it goes on. See: sluice propagate status ${started.propagationId}`);
  return interruptExitCode(interruptOf(signal) ?? "SIGINT");
}

/** How it is now; a store that is away for a while keeps it from nothing. */
async function looked(sluice: Sluice, before: Propagation): Promise<Propagation> {
  try {
    return await sluice.propagation(before.propagationId);
  } catch (error) {
    if (error instanceof SluiceError && error.code === "unavailable" && error.retryable) return before;
    throw error;
  }
}
