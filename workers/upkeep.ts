import type { Client, Connection } from "@temporalio/client";
import { messageOf } from "../src/domain/errors.ts";
import { counted } from "../src/domain/text/counted.ts";
import { FORGOTTEN } from "../src/protocol/rollout-temporal.ts";
import type { rolloutTemporal } from "../src/temporal/rollout-client.ts";
import { installationId } from "../src/storage/read/installation.ts";
import { refuseForeignTaskQueue } from "../src/temporal/task-queue-claim.ts";
import { beginTriages } from "../src/use-cases/begin-triages.ts";
import { sweepAbandoned } from "../src/use-cases/clear-abandoned.ts";
import { clearAbandonedEvaluations } from "../src/use-cases/clear-abandoned-evaluations.ts";
import { clearForgotten } from "../src/use-cases/clear-forgotten.ts";
import { clearOldDrafts } from "../src/use-cases/clear-old-drafts.ts";
import { keepBundle } from "../src/use-cases/keep-bundle.ts";
import { keepCheckpoint } from "../src/use-cases/keep-checkpoint.ts";
import { keepRegates } from "../src/use-cases/keep-regates.ts";
import { resumePropagations } from "../src/use-cases/propagate-include.ts";
import { resumeDeliveries, wakeDueDeliveries } from "../src/use-cases/resume-deliveries.ts";
import { notifyQueued } from "../src/use-cases/notify-queued.ts";
import { watchDrift } from "../src/use-cases/watch-drift.ts";
import { watchMonitors } from "../src/use-cases/watch-monitors.ts";
import { repeatedly } from "./repeatedly.ts";
import { regateSchedules } from "./regate-schedules.ts";
import { ensureSchedules } from "./schedules.ts";
import type { WorkerOptions } from "./worker-options.ts";

const SWEEP_MS = 30_000;
const SWEEP_AGE_MS = 60_000;
/** Between two looks for workflows that the database does not know: it is restored under running workers at most. */
const FORGOTTEN_MS = 300_000;
/** Between two looks whether a delivery has something to go on with. */
const CARRY_MS = 2_000;
/** Between two looks whether webhooks are to be told something. */
const NOTIFY_MS = 2_000;
/** Between two looks whether a bundle is still what is served. */
const BUNDLE_MS = 1_000;
/** A checkpoint of the audit log so often, while it grows. */
const CHECKPOINT_MS = 3_600_000;
/** Between two questions whether Git is to be compared with what is served: drift is seen well within a minute. */
const DRIFT_MS = 10_000;
/** Between two questions whether monitors are to be looked at: a look is made each minute. */
const MONITORS_MS = 20_000;
/** Between two looks whether Temporal has the schedules. */
const SCHEDULES_MS = 3_600_000;
/** Between two looks whether somebody has set that a golden set is asked again. */
const REGATES_MS = 5_000;

interface UpkeepParts {
  readonly temporal: ReturnType<typeof rolloutTemporal>;
  readonly client: Client;
  readonly taskQueue: string;
}

/**
 * What nobody asks for and every worker does now and then: clears what nothing else would (rollouts and evaluations
 * whose workflow was terminated, workflows that the database does not know, drafts that were left lying), has
 * deliveries go on, keeps bundles and checkpoints, compares Git with what is served, looks at monitors, and has tests asked
 * again for their alerts.
 */
export function upkeep(
  { temporal, client, taskQueue }: UpkeepParts,
  { db, sweepIntervalMs = SWEEP_MS, checkpointsTo, bundles = [], withoutSchedules, log }: WorkerOptions,
): { stop(): void } {
  const stopped = new AbortController();
  const failed = (what: string) => (error: unknown) =>
    log(`${what}: ${messageOf(error)}`, { level: "error" });
  const ends = [
    repeatedly(
      async () => {
        const cleared = await sweepAbandoned(db, temporal, { olderThanMs: SWEEP_AGE_MS });
        for (const rolloutId of cleared)
          log(`cleared rollout ${rolloutId}: its workflow is gone`, { level: "warn", rolloutId });
        const ended = await clearAbandonedEvaluations(db, temporal, { olderThanMs: SWEEP_AGE_MS });
        for (const id of ended) log(`ended evaluation ${id}: nothing carries it out any more`);
        const resumed = await resumeDeliveries(db, temporal, { olderThanMs: SWEEP_AGE_MS });
        for (const version of resumed)
          log(`${version} goes on through the environments: its workflow was gone`, {
            level: "warn",
            version,
          });
        for (const version of await resumePropagations(db, temporal, { olderThanMs: SWEEP_AGE_MS }))
          log(`${version} goes on to what includes it: its workflow was gone`, { level: "warn", version });
        const drafts = await clearOldDrafts(db);
        if (drafts > 0) log(`removed ${counted(drafts, "draft")} that nobody has worked on for long`);
      },
      sweepIntervalMs,
      failed("sweep"),
    ),
    repeatedly(
      async () => {
        // While workers of another database poll the same queue, what is not known here may be theirs.
        await refuseForeignTaskQueue(client.connection as Connection, {
          namespace: client.options.namespace,
          taskQueue,
          installation: await installationId(db),
        });
        for (const { kind, subject } of await clearForgotten(db, temporal))
          log(`stopped the workflow of ${kind} ${subject}: ${FORGOTTEN}`);
      },
      FORGOTTEN_MS,
      failed("work that the database does not know"),
      { atOnce: true },
    ),
    repeatedly(() => wakeDueDeliveries(db, temporal), CARRY_MS, failed("deliveries")),
    repeatedly(() => notifyQueued(db, { signal: stopped.signal, log }), NOTIFY_MS, failed("notifications")),
    // Each worker asks whether it is its turn: one of an installation looks.
    repeatedly(() => watchDrift(db, { signal: stopped.signal, log }), DRIFT_MS, failed("drift")),
    repeatedly(
      async () => {
        await watchMonitors(db, { log });
        for (const version of await beginTriages(db, temporal))
          log(`an alert about ${version} is open: its tests are asked again`, { version });
      },
      MONITORS_MS,
      failed("monitors"),
    ),
  ];
  if (!withoutSchedules)
    ends.push(
      repeatedly(() => ensureSchedules(client, taskQueue), SCHEDULES_MS, failed("schedules"), {
        atOnce: true,
      }),
      repeatedly(lookAfterRegates({ client, taskQueue, db }), REGATES_MS, failed("re-gates"), {
        atOnce: true,
      }),
    );
  for (const bundle of bundles) {
    const { place } = bundle.address;
    ends.push(
      repeatedly(
        async () => {
          const kept = await keepBundle(db, bundle);
          if (kept && "problem" in kept && kept.isNew) log(`bundle: ${kept.problem}; it is tried again`);
          if (kept && "sha256" in kept && !kept.again)
            log(`bundle ${kept.sha256.slice(0, 12)} is at ${place}`);
        },
        BUNDLE_MS,
        failed(`bundle for ${place}`),
        { atOnce: true },
      ),
    );
  }
  if (checkpointsTo)
    ends.push(
      repeatedly(
        async () => {
          const kept = await keepCheckpoint(db, checkpointsTo, CHECKPOINT_MS);
          if (kept)
            log(
              `kept a checkpoint of the audit log, ${counted(kept.heads.length, "prompt")}, in ${checkpointsTo.place}`,
            );
        },
        sweepIntervalMs,
        failed("checkpoint of the audit log"),
        { atOnce: true },
      ),
    );
  return {
    stop() {
      for (const end of ends) end();
      stopped.abort();
    },
  };
}

/** Looks for what was set, and now and then whether Temporal has all that it should have. */
function lookAfterRegates({
  client,
  taskQueue,
  db,
}: Omit<UpkeepParts, "temporal"> & Pick<WorkerOptions, "db">) {
  const schedules = regateSchedules(client, taskQueue);
  let looks = 0;
  return () =>
    keepRegates(db, schedules, {
      taskQueue,
      anew: looks++ % Math.round(SCHEDULES_MS / REGATES_MS) === 0,
    });
}
