import { setTimeout as delay } from "node:timers/promises";
import type { StartRequest } from "../../../client/requests.ts";
import type { Sluice } from "../../../client/sluice.ts";
import { outcomeExitCode, type RolloutStatus } from "../../../domain/rollout/rollout.ts";
import type { StartAnswer } from "../../../domain/shapes/rollouts.ts";
import type { Given } from "../../parsing/given.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT } from "../../../terminal/exit-codes.ts";
import { interruptExitCode, interruptOf } from "../../../terminal/interruption.ts";
import { progressLines } from "../../showing/progress-lines.ts";
import { renderStatus } from "../../../terminal/render-status.ts";
import { withSluice } from "../../store.ts";
import { reached, type Until } from "./reached.ts";

/** A little longer than a worker waits for them. */
const CONFIRMATIONS_MS = 2_500;

export async function run(context: CommandContext, given: Given<"rollout start">): Promise<number> {
  const version = given.version(0);
  const scope = given.scope(version.prompt);
  const until = given.text("wait") as Until | undefined;
  return withSluice(context, (sluice) =>
    startAndFollow(
      context,
      sluice,
      {
        ...scope,
        version: given.required(0),
        policyFile: given.text("policy"),
        again: given.flag("again"),
        force: given.flag("force"),
        replace: given.flag("replace"),
      },
      until,
    ),
  );
}

/** Starts a rollout and says so, or follows it as far as is wanted: the exit code says how it went. */
export async function startAndFollow(
  context: CommandContext,
  sluice: Sluice,
  request: StartRequest,
  until: Until | undefined,
): Promise<number> {
  const { output, config, signal } = context;
  const started = await sluice.start({
    ...request,
    requestId: config.requestId,
    signal,
    onNote: (line) => output.note(line),
  });
  const lines = receiptLines(started);
  if (until === undefined) {
    const [prompt] = started.candidate.split("@");
    output.result(started, () => [...lines, `follow it: sluice rollout status ${prompt}`]);
    return EXIT.yes;
  }
  for (const line of lines) output.progress(line);
  return follow(context, sluice, started, until);
}

function receiptLines({
  replaced,
  candidate,
  joined,
  rolloutId,
  uiUrl,
  needsApproval,
}: StartAnswer): string[] {
  return [
    ...(replaced ? [`ended rollout ${replaced}`] : []),
    `rollout of ${candidate} ${joined ? "is the one that was started before" : "started"} (${rolloutId})`,
    ...(needsApproval ? ["a releaser has to approve it before any user gets it"] : []),
    ...(uiUrl === null ? [] : [uiUrl]),
  ];
}

async function follow(
  context: CommandContext,
  sluice: Sluice,
  started: StartAnswer,
  until: Until,
): Promise<number> {
  const { output, signal } = context;
  const { where } = sluice;
  context.endsItself();
  const print = progressLines((line) => output.progress(line));
  const onUnreachable = (unreachable: boolean) =>
    output.note(
      unreachable ? `${where} cannot be reached; the rollout goes on, waiting…` : `${where} is back`,
    );
  let newest: RolloutStatus | undefined;
  for await (const now of sluice.follow(started, { signal, onUnreachable })) {
    print((newest = now));
    if (!reached(now, until)) continue;
    const status = await withConfirmations(sluice, now);
    output.result({ ...started, ...status }, () => renderStatus(status, output));
    return now.outcome === null ? EXIT.yes : outcomeExitCode(now.outcome, now);
  }
  const prompt = started.candidate.split("@")[0]!;
  output.note(`no longer following; the rollout goes on. See: sluice rollout status ${prompt}`);
  if (output.json) output.result({ ...started, ...newest }, () => []);
  return interruptExitCode(interruptOf(signal) ?? "SIGINT");
}

/** Who has confirmed a promotion is known a moment after it; whoever followed it wants to see that too. */
async function withConfirmations(sluice: Sluice, end: RolloutStatus): Promise<RolloutStatus> {
  let status = end;
  const deadline = performance.now() + CONFIRMATIONS_MS;
  const isPromoted = end.outcome === "promoted" || end.phase === "watching";
  while (isPromoted && !status.fleet && performance.now() < deadline) {
    await delay(50);
    const now = await sluice.status({ rolloutId: end.rolloutId }).catch(() => undefined);
    if (now) status = { ...end, fleet: now.fleet ?? null };
  }
  return status;
}
