import { setTimeout as delay } from "node:timers/promises";
import { outcomeExitCode, type RolloutStatus } from "../../../domain/rollout/rollout.ts";
import { SluiceError } from "../../../domain/errors.ts";
import type { Database } from "../../../storage/database.ts";
import { statusOfRollout } from "../../../storage/read/rollout-status.ts";
import { numberedVersion } from "../../../storage/read/version.ts";
import { planRollout } from "../../../use-cases/plan-rollout.ts";
import { prepareStart } from "../../../use-cases/prepare-start.ts";
import { requestAbort } from "../../../use-cases/abort-rollout.ts";
import { replaceRollout } from "../../../use-cases/replace-rollout.ts";
import { startRollout } from "../../../use-cases/start-rollout.ts";
import type { StartedRollout } from "../../../domain/shapes/rollouts.ts";
import type { StartRollout } from "../../../use-cases/prepare-start.ts";
import type { ScopeColumns } from "../../../domain/scope.ts";
import type { Given } from "../../parsing/given.ts";
import { actorOf, type CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { followRollout } from "./follow-rollout.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import { progressLines } from "../../showing/progress-lines.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { writing } from "../../store.ts";
import { withRollouts } from "../../temporal.ts";

/** A little longer than a worker waits for them. */
const CONFIRMATIONS_MS = 2_500;

type Until = "gate" | "promotion" | "end";

export async function run(context: CommandContext, given: Given<"rollout start">): Promise<number> {
  const { output, config } = context;
  const version = given.version(0);
  const scope = given.scope(version.prompt);
  const until = given.text("wait") as Until | undefined;
  return writing(context, async (db) => {
    const start: StartRollout = {
      scope,
      ...(await numberedVersion(db, version)),
      policyFile: given.text("policy"),
      requestId: config.requestId,
      again: given.flag("again"),
      by: actorOf(context),
    };
    // What is wrong with the policy or its dataset is so wherever Temporal is.
    await prepareStart(db, start);
    return withRollouts(context, async (rollouts) => {
      // Nothing is said of a rollout that cannot be started.
      await rollouts.place();
      await warnOfPlan(db, start, output);
      const started = given.flag("replace")
        ? await replaceRollout(
            db,
            { ...rollouts, requestAbort: requestAbort(rollouts) },
            start,
            context.signal,
          )
        : await startRollout(db, rollouts, start);
      const uiUrl = rollouts.pageOf(started);
      const receipt = { ...started, uiUrl };
      const lines = receiptLines(started, uiUrl);
      if (until === undefined) {
        output.result(receipt, () => [...lines, `follow it: sluice rollout status ${version.prompt}`]);
        return EXIT.yes;
      }
      for (const line of lines) output.progress(line);
      return follow(context, db, { started, scope, uiUrl, until });
    });
  });
}

/** Says before the start when the policy cannot conclude; what else is wrong, the start says itself. */
async function warnOfPlan(
  db: Database,
  start: StartRollout,
  output: CommandContext["output"],
): Promise<void> {
  const planned = await planRollout(db, { ...start, quick: true }).catch((error: unknown) => {
    if (error instanceof SluiceError) return undefined;
    throw error;
  });
  if (planned?.gate) output.note(`gate: ${planned.gate}`);
  if (planned?.cannotConclude)
    for (const warning of planned.plan?.warnings ?? []) output.note(`warning: ${warning}`);
}

function receiptLines(
  started: StartedRollout & { readonly replaced?: string | null },
  uiUrl: string | null,
): string[] {
  return [
    ...(started.replaced ? [`ended rollout ${started.replaced}`] : []),
    `rollout of ${started.candidate} ${started.joined ? "is the one that was started before" : "started"} (${started.rolloutId})`,
    ...(uiUrl === null ? [] : [uiUrl]),
  ];
}

async function follow(
  context: CommandContext,
  db: Database,
  of: { started: StartedRollout; scope: ScopeColumns; uiUrl: string | null; until: Until },
): Promise<number> {
  const { output, signal } = context;
  const { started, scope, uiUrl, until } = of;
  context.endsItself();
  const print = progressLines((line) => output.progress(line));
  let newest: RolloutStatus | undefined;
  const end = await followRollout(started.rolloutId, {
    db,
    until: (status) => reached(status, until),
    onStatus: (status) => print((newest = status)),
    onStore: (unreachable) =>
      output.note(
        unreachable ? "Postgres cannot be reached; the rollout goes on, waiting…" : "Postgres is back",
      ),
    signal,
  });
  if (end === "interrupted") {
    output.note(`no longer following; the rollout goes on. See: sluice rollout status ${scope.prompt}`);
    if (output.json) output.result({ ...started, ...newest, uiUrl }, () => []);
    return interruptExitCode(interruptOf(signal) ?? "SIGINT");
  }
  const status = await withConfirmations(db, end);
  output.result({ ...started, ...status, uiUrl }, () => renderStatus(status, output));
  return end.outcome === null ? EXIT.yes : outcomeExitCode(end.outcome, end);
}

/** Who has confirmed a promotion is known a moment after it; whoever followed it wants to see that too. */
async function withConfirmations(db: Database, end: RolloutStatus): Promise<RolloutStatus> {
  let status = end;
  const deadline = performance.now() + CONFIRMATIONS_MS;
  const isPromoted = end.outcome === "promoted" || end.phase === "watching";
  while (isPromoted && !status.fleet && performance.now() < deadline) {
    await delay(50);
    const now = await statusOfRollout(db, end.rolloutId).catch(() => undefined);
    if (now) status = { ...end, fleet: now.fleet ?? null };
  }
  return status;
}

/** A rollout that has come as far as somebody waits for. The exit code of one that goes on is 0. */
function reached({ phase, outcome }: RolloutStatus, until: Until): boolean {
  if (outcome !== null) return true;
  switch (until) {
    case "gate":
      return phase !== "validating" && phase !== "evaluating";
    case "promotion":
      return phase === "watching";
    case "end":
      return false;
  }
}
