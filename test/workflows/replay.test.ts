import { readdir, readFile } from "node:fs/promises";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleWorkflows } from "../../workers/bundle.ts";

const HISTORIES = new URL("../fixtures/histories/", import.meta.url);

interface RecordedHistory {
  events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
}

const files = (await readdir(HISTORIES)).filter((file) => file.endsWith(".json"));
const read = async (file: string) =>
  JSON.parse(await readFile(new URL(file, HISTORIES), "utf8")) as RecordedHistory;

/** Rollouts of every way to end, recorded from a real server: `npm run record-histories` writes them anew. */
describe("the workflow code replays", () => {
  let code: string;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger("ERROR") });
    code = await bundleWorkflows();
  });
  const replay = (history: RecordedHistory) => Worker.runReplayHistory({ workflowBundle: { code } }, history);

  it("some histories at all", () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it.each(files)("%s", async (file) => {
    await replay(await read(file));
  });

  it("but not a history in which another activity was called", async () => {
    const history = await read(files[0]!);
    const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes);
    scheduled!.activityTaskScheduledEventAttributes!.activityType.name = "somethingElse";
    await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
  });
});
