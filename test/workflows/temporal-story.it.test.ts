import { defaultPayloadConverter } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setTimeout as delay } from "node:timers/promises";
import { createRolloutBench, type RolloutBench, type RunningRollout } from "../support/rollout-bench.ts";

const POLICY = `
metrics: { rating: { window: 100ms } }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  interval: 100ms
  min_units: 40
  max_units: 600
  max_duration: 1h
  goal: { metric: rating, direction: higher, claim: superior }
`;

/** What people see of a rollout in Temporal's own UI, read through the API that the UI reads. */
describe("Temporal tells the story of a rollout", () => {
  let bench: RolloutBench;
  let started: RunningRollout;
  beforeAll(async () => {
    bench = await createRolloutBench();
    await bench.seed();
    bench.startWorker();
    const stop = new AbortController();
    const traffic = bench.traffic(
      (arm, draw) => ({ rating: (arm === "candidate" ? 4 : 3) + draw() }),
      stop.signal,
    );
    started = await bench.start(2, POLICY);
    await bench.until(started.rolloutId, (s) => s.outcome === "promoted", "the promotion");
    await bench.client.workflow.getHandle(started.workflowId, started.runId).result();
    stop.abort();
    await traffic;
  });
  afterAll(() => bench.close());
  const handle = () => bench.client.workflow.getHandle(started.workflowId, started.runId);

  it("under an id that names the pointer, with a type and a summary", async () => {
    expect(started.workflowId).toBe(`rollout:production:${bench.prompt}:-:-:${bench.taskQueue}`);
    const description = await handle().describe();
    expect(description.type).toBe("promptRollout");
    expect(await description.staticSummary()).toBe(`${bench.prompt}@2 to production`);
    expect(await description.staticDetails()).toContain("from gate to promotion or back");
  });

  it("found by prompt, label, phase and outcome", async () => {
    const query = `SluicePrompt = "${bench.prompt}" and SluiceLabel = "production" and SluicePhase = "done" and SluiceOutcome = "promoted"`;
    const found: string[] = [];
    for (let attempt = 0; attempt < 100 && found.length === 0; attempt++) {
      for await (const workflow of bench.client.workflow.list({ query })) found.push(workflow.workflowId);
      await delay(50);
    }
    expect(found).toEqual([started.workflowId]);
  });

  it("with a summary on every activity", async () => {
    const history = await handle().fetchHistory();
    const activities = history.events!.filter((event) => event.activityTaskScheduledEventAttributes);
    const summaries = activities.map((event) =>
      event.userMetadata?.summary
        ? defaultPayloadConverter.fromPayload<string>(event.userMetadata.summary)
        : null,
    );
    expect(summaries).toEqual([
      `begin ${bench.prompt}@2`,
      `stage 1: 5 % to ${bench.prompt}@2`,
      "watch stage 1 of 2",
      `stage 2: 50 % to ${bench.prompt}@2`,
      "watch stage 2 of 2",
      "promoting",
      `promote ${bench.prompt}@2`,
    ]);
  });

  it("with current details in Markdown, and the result at the end", async () => {
    const metadata = await handle().query<{ currentDetails: string }>("__temporal_workflow_metadata");
    expect(metadata.currentDetails).toContain(`**${bench.prompt}@2** against ${bench.prompt}@1`);
    expect(metadata.currentDetails).toContain("**promoted**: rating is proven better");
    expect(metadata.currentDetails).toMatch(/\| rating \| goal \| [\d.]+ \| [\d.]+ \|/);
    expect(await handle().result()).toMatchObject({ outcome: "promoted", rolloutId: started.rolloutId });
  });

  it("without a word of the prompts in its history", async () => {
    const history = JSON.stringify(
      (await handle().fetchHistory()).events!.map((event) => JSON.stringify(event)),
    );
    const decoded = [...history.matchAll(/"data\\*":\\*"([A-Za-z0-9+/=]+)/g)].map((m) =>
      Buffer.from(m[1]!, "base64").toString(),
    );
    expect(decoded.join(" ")).toContain(bench.prompt);
    expect(decoded.join(" ") + history).not.toContain("support assistant");
  });
});
