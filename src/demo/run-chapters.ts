import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "../domain/errors.ts";
import type { RolloutGate, RolloutStatus } from "../domain/rollout/rollout.ts";
import { DEFAULT_LABEL, scopeColumns } from "../domain/scope.ts";
import type { Database } from "../storage/database.ts";
import { statusOfRollout } from "../storage/read/rollout-status.ts";
import { pushPromptFiles } from "../use-cases/push.ts";
import type { RolloutTemporal } from "../protocol/rollout-temporal.ts";
import { startRollout } from "../use-cases/start-rollout.ts";
import { CHAPTERS, POLICY_FILE, PROMPT, type Chapter } from "./chapters.ts";

/** Where a chapter's rollout stands. */
export interface Scene {
  readonly chapter: Chapter;
  /** 1-based; the version's number as well. */
  readonly number: number;
  readonly status: RolloutStatus;
  readonly gate: RolloutGate | undefined;
  /** The workflow's page in Temporal; empty when it is not known where that is. */
  readonly workflowUrl: string;
}

export interface ChapterOptions {
  readonly db: Database;
  readonly temporal: RolloutTemporal;
  readonly pageOf: (workflow: { readonly workflowId: string; readonly runId: string | null }) => string;
  /** Called when something may have changed, a few times a second. */
  readonly onScene: (scene: Scene) => void;
  /** Called when the first version is live, before the second is rolled out. */
  readonly onLive: () => Promise<void>;
  readonly signal: AbortSignal;
}

const LOOK_MS = 200;
/** A chapter takes seconds; one that takes this long is stuck. */
const CHAPTER_MS = 150_000;
const SCOPE = scopeColumns({ label: DEFAULT_LABEL, prompt: PROMPT });

/** Pushes every version and rolls them out one after another. Gives how each of them ended. */
export async function runChapters(options: ChapterOptions): Promise<Scene[]> {
  for (const { file, message } of CHAPTERS)
    await pushPromptFiles(options.db, [file], { author: "demo", message });
  const ends: Scene[] = [];
  for (const [index, chapter] of CHAPTERS.entries()) {
    ends.push(await runChapter(options, chapter, index + 1));
    if (index === 0) await options.onLive();
  }
  return ends;
}

async function runChapter(options: ChapterOptions, chapter: Chapter, number: number): Promise<Scene> {
  const { db, temporal, signal } = options;
  const started = await startRollout(db, temporal, {
    scope: SCOPE,
    prompt: PROMPT,
    number,
    policyFile: POLICY_FILE,
    by: "demo",
  });
  const workflowUrl = options.pageOf(started);
  const deadline = performance.now() + CHAPTER_MS;
  for (;;) {
    signal.throwIfAborted();
    const status = await statusOfRollout(db, started.rolloutId);
    if (status) {
      const gate = status.gate ?? undefined;
      const scene = { chapter, number, status, gate, workflowUrl };
      options.onScene(scene);
      if (status.outcome !== null) return scene;
    }
    if (performance.now() > deadline)
      throw unavailable(
        `the rollout of ${PROMPT}@${number} has not ended within ${CHAPTER_MS / 1000} s; see ${workflowUrl || started.workflowId}`,
        { rolloutId: started.rolloutId },
      );
    await delay(LOOK_MS, undefined, { signal });
  }
}
