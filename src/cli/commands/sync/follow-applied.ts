import { setTimeout as delay } from "node:timers/promises";
import type { Sluice } from "../../../client/sluice.ts";
import { outcomeExitCode } from "../../../domain/rollout/rollout.ts";
import { type ListedDelivery, MOST_MANIFEST_PROMPTS } from "../../../domain/shapes/delivering.ts";
import type { SyncApplied } from "../../../domain/shapes/syncing.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import type { CommandContext } from "../../context.ts";
import { progressLines } from "../../showing/progress-lines.ts";
import { deliveryNews } from "./delivery-news.ts";
import { reached, type Until } from "../rollouts/reached.ts";

/** Between two looks at deliveries. */
const LOOK_MS = 1_000;

/**
 * Waits for what an apply has set going: each rollout to the gate's verdict or its promotion, or each version to the last
 * environment. The exit code is that of the one that ended worst.
 */
export async function followApplied(
  context: CommandContext,
  sluice: Sluice,
  applied: SyncApplied,
  until: Until,
): Promise<number> {
  context.endsItself();
  const codes =
    until === "end" && applied.repository !== null
      ? await followDeliveries(context, sluice, applied)
      : await followRollouts(context, sluice, applied, until);
  const interrupt = interruptOf(context.signal);
  if (interrupt !== undefined) {
    context.output.note("no longer following; what was started goes on. See: sluice sync status");
    return interruptExitCode(interrupt);
  }
  return worst(codes);
}

async function followRollouts(
  { output, signal }: CommandContext,
  sluice: Sluice,
  { started }: SyncApplied,
  until: Until,
): Promise<number[]> {
  return Promise.all(
    started.map(async (one) => {
      if ("problem" in one) return EXIT.yes;
      const print = progressLines((line) => output.progress(`${one.version} in ${one.environment}: ${line}`));
      for await (const now of sluice.follow({ rolloutId: one.rolloutId }, { signal })) {
        print(now);
        if (now.outcome !== null) return outcomeExitCode(now.outcome, now);
        if (reached(now, until)) return EXIT.yes;
      }
      return EXIT.yes;
    }),
  );
}

async function followDeliveries(
  { output, signal }: CommandContext,
  sluice: Sluice,
  { repository, commit, versions }: SyncApplied,
): Promise<number[]> {
  const news = deliveryNews((line) => output.progress(line));
  for (;;) {
    const found = await sluice.deliveries({
      repository: repository!,
      commit: commit!,
      limit: MOST_MANIFEST_PROMPTS,
    });
    const own = found.filter(({ prompt }) => versions.some((one) => one.prompt === prompt));
    news(own);
    if (signal.aborted || own.every(({ endedAt }) => endedAt !== null)) return own.map(deliveryExitCode);
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** As the rollout that it stopped at, or 0 where it has arrived or is still on its way. */
export function deliveryExitCode({ state, environments }: ListedDelivery): number {
  if (state === "refused") return EXIT.no;
  if (state === "replaced") return EXIT.conflict;
  if (state !== "stopped") return EXIT.yes;
  const outcome = environments.find(({ step, lastOutcome }) => step === "start" && lastOutcome)?.lastOutcome;
  return outcome ? outcomeExitCode(outcome) : EXIT.conflict;
}

/** No beats not enough evidence, and both what was moved or replaced meanwhile. */
const ORDER = [EXIT.no, EXIT.unavailable, EXIT.notEnough, EXIT.conflict];

function worst(codes: readonly number[]): number {
  return ORDER.find((code) => codes.includes(code)) ?? EXIT.yes;
}
