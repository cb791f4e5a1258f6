import { randomUUID } from "node:crypto";
import { Client, Connection } from "@temporalio/client";
import { NativeConnection, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invokeActivities } from "../../src/invoke/temporal/index.ts";
import { activityOutcomeId } from "../../src/invoke/temporal/activity-id.ts";
import { startModelServer, type ModelServer } from "../../src/local/model-server/server.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { randomTaskQueue, temporalAddress } from "../support/temporal.ts";
import { calling, type Calling, supportPrompt } from "./support/calling.ts";

const taskQueue = randomTaskQueue();
const request = { prompt: "support", unit: "ada", variables: { question: "How do I reset my password?" } };
let model: ModelServer;
let world: Calling;
let native: NativeConnection;
let worker: Worker;
let running: Promise<void>;
let connection: Connection;
let client: Client;
let calls = 0;

beforeAll(async () => {
  const address = await temporalAddress();
  model = await startModelServer();
  world = await calling(model.url);
  [native, connection] = await Promise.all([
    NativeConnection.connect({ address }),
    Connection.connect({ address }),
  ]);
  client = new Client({ connection });
  worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowsPath: new URL("./support/ask-workflow.ts", import.meta.url).pathname,
    activities: {
      ...invokeActivities({ stream: (asked) => (calls++, world.invoker.stream(asked)) }),
      moveOn: async () => void world.serve(supportPrompt({ params: { max_tokens: 100 } })),
    },
    shutdownGraceTime: 0,
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await Promise.all([native.close(), connection.close(), world[Symbol.asyncDispose](), model.stop()]);
});

const start = (args: object = request) =>
  client.workflow.start("ask", { taskQueue, workflowId: `ask-${randomUUID()}`, args: [args] });

describe("model calls of a workflow", () => {
  it("are answered and recorded once, and stay with the version that the first was answered by", async () => {
    const id = world.serve(supportPrompt());
    const handle = await start();
    const { first, second } = await handle.result();
    expect(first).toMatchObject({ target: "openai/gpt-5.4-mini", prompt: { name: "support", version: 1 } });
    expect(first.text).toContain("password");
    expect(second.prompt).toEqual(first.prompt);
    const recorded = (await world.outcomes()).map(({ id: outcome, version }) => ({ outcome, version }));
    expect(recorded).toEqual(
      ["1", "3"].map((activityId) => ({
        outcome: activityOutcomeId(handle.workflowId, handle.firstExecutionRunId, activityId),
        version: id,
      })),
    );
    expect(recorded[0]!.outcome).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it("fail once where trying again cannot help, with what it was", async () => {
    const handle = await start({ ...request, variables: {} });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { cause: { type: "SluiceError", nonRetryable: true, details: [{ code: "invalid_input" }] } },
    });
  });

  it("are called off with their workflow, and recorded so", async () => {
    const before = (await world.outcomes()).length;
    world.serve(supportPrompt({ model: "openai/gpt-5.4-mini+latency=60000" }));
    const asked = calls;
    const handle = await start();
    await eventually("the model is asked", () => calls > asked);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: "CancelledFailure" } });
    expect((await world.outcomes()).slice(before)).toMatchObject([{ metrics: { cancelled: 1, error: 0 } }]);
  });
});
