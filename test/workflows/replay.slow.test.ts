import { readdir, readFile } from "node:fs/promises";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { beforeAll, describe, expect, it } from "vitest";
import { WORKFLOW } from "../../src/protocol/names.ts";
import { workflowBundlePath } from "../../workers/bundle.ts";

const HISTORIES = new URL("../fixtures/histories/", import.meta.url);

interface RecordedHistory {
  events: {
    eventType: string;
    workflowExecutionStartedEventAttributes?: { workflowType: { name: string } };
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

/** Under earlier/: of paths that the code of today begins no more, and that may still run. */
const files = (await readdir(HISTORIES, { recursive: true })).filter((file) => file.endsWith(".json"));
const read = async (file: string) =>
  JSON.parse(await readFile(new URL(file, HISTORIES), "utf8")) as RecordedHistory;

/** Paths that no other recorded rollout takes. */
const OF_THEIR_OWN = [
  "promoted-on-its-gate-alone-approved.json",
  "open-paused-before-its-canary.json",
  "open-in-the-middle-of-its-canary.json",
  "aborted-with-webhooks-that-are-slow-notification.json",
  "delivered-after-its-worker-was-gone.json",
  "open-waiting-for-its-next-environment.json",
  "open-woken-after-its-rollout.json",
  "replaced-by-a-later-commit.json",
  "retention-goes-once-through-all-that-has-its-time.json",
  "dead-letter-sweep-tells-what-has-come.json",
];

/** Rollouts of every way to end, and some under way, recorded from a real server: `npm run record-histories` writes them anew. */
describe("the workflow code replays", () => {
  let code: string;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger("ERROR") });
    code = await readFile(await workflowBundlePath(), "utf8");
  });
  const replay = (history: RecordedHistory) => Worker.runReplayHistory({ workflowBundle: { code } }, history);

  it("histories of each kind of workflow, and of rollouts that are not over", async () => {
    const histories = await Promise.all(files.map(read));
    const typeOf = ({ events }: RecordedHistory) =>
      events[0]!.workflowExecutionStartedEventAttributes?.workflowType.name;
    expect(new Set(histories.map(typeOf))).toEqual(new Set(Object.values(WORKFLOW)));
    const isOver = ({ events }: RecordedHistory) =>
      /WORKFLOW_EXECUTION_(?:COMPLETED|FAILED|TERMINATED|CANCELED)/.test(events.at(-1)!.eventType);
    const open = histories.filter((history) => typeOf(history) === "promptRollout" && !isOver(history));
    expect(open.length).toBeGreaterThanOrEqual(3);
  });

  it.each(files)("%s", async (file) => {
    await replay(await read(file));
  });

  it.each(OF_THEIR_OWN)("but not %s, in which another activity was called in the end", async (file) => {
    const history = await read(file);
    const scheduled = history.events.findLast((event) => event.activityTaskScheduledEventAttributes);
    scheduled!.activityTaskScheduledEventAttributes!.activityType.name = "somethingElse";
    await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
  });
});
