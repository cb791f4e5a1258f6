import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Connection } from "@temporalio/client";
import { startModelServer } from "../../src/local/model-server/server.ts";
import { createTestDatabase } from "../support/database.ts";
import { nodeSettings } from "../support/quick-node/node-settings.ts";
import { temporalAddress } from "../support/temporal.ts";
import { document, runSluice, startSluice, type Ran, type Running } from "./run-sluice.ts";

/** A folder, a database, a model, and where asked for a Temporal namespace with `sluice worker` on it. */
export interface CommandBench {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command; `as` is who does it. */
  run(args: readonly string[], as?: string): Promise<Ran>;
  start(args: readonly string[]): Running;
  json<T = Record<string, unknown>>(args: readonly string[]): Promise<T>;
  /** Writes a file in the folder. */
  file(name: string, text: string): Promise<void>;
  /** Asks until the answer is as wanted. */
  until<T>(args: readonly string[], wanted: (answer: T) => boolean): Promise<T>;
  close(): Promise<void>;
}

export interface CommandBenchOptions {
  /** With a namespace of its own, and a worker on it. */
  readonly temporal?: boolean;
  /** What the environment has beside, by the folder. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

export async function createCommandBench({
  temporal = false,
  env: more = () => ({}),
}: CommandBenchOptions = {}): Promise<CommandBench> {
  const database = await createTestDatabase();
  const models = await startModelServer();
  const folder = await mkdtemp(join(tmpdir(), "sluice-commands-"));
  const env: Record<string, string> = {
    ...nodeSettings(),
    // Receivers of notifications are on this machine here.
    SLUICE_ALLOW_ADDRESSES: "127.0.0.1",
    DATABASE_URL: database.url,
    OPENAI_BASE_URL: `${models.url}/v1`,
    OPENAI_API_KEY: "local",
    ...(temporal && (await ownNamespace())),
    ...more(folder),
  };
  const worker = temporal ? startSluice(["worker"], { cwd: folder, env }) : undefined;
  await worker?.said(/worker ready/);
  const options = { cwd: folder, env };

  const bench: CommandBench = {
    folder,
    env,
    run: (args, as) =>
      runSluice(args, { cwd: folder, env: as === undefined ? env : { ...env, SLUICE_ACTOR: as } }),
    start: (args) => startSluice(args, options),
    json: (args) => document(args, options),
    file: (name, text) => writeFile(join(folder, name), text),
    async until(args, wanted) {
      for (let attempt = 0; attempt < 80; attempt++) {
        const { stdout } = await runSluice([...args, "--json"], options);
        const answer = JSON.parse(stdout);
        if (!("error" in answer) && wanted(answer)) return answer;
        await delay(100);
      }
      throw new Error(`never as wanted: ${args.join(" ")}: ${(await runSluice(args, options)).stdout}`);
    },
    async close() {
      worker?.child.kill("SIGTERM");
      await worker?.ended;
      await models.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

/** Workflows and the task queue are a namespace's own, so that tests do not meet each other's. */
export async function ownNamespace(): Promise<Record<string, string>> {
  const address = await temporalAddress();
  const namespace = `cli-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    for (let attempt = 0; ; attempt++) {
      try {
        await connection.operatorService.listSearchAttributes({ namespace });
        break;
      } catch (error) {
        // The server takes a moment to know a new namespace everywhere.
        if (attempt > 100) throw error;
        await delay(100);
      }
    }
  } finally {
    await connection.close();
  }
  return { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
}

/** A prompt that the scripted model answers well. `wording` makes versions differ. */
export function promptFile(wording: string): string {
  return `name: support-reply
description: Answers a customer's question
model: openai/gpt-5-mini
variables:
  question: { type: string, required: true, untrusted: true }
messages:
  - { role: system, content: "You answer questions of customers. ${wording}" }
  - { role: user, content: "{{ question }}" }
policy: { gate: { dataset: golden.yaml, on_insufficient: canary }, canary: { stages: [{ share: 25%, for: 1h }, { share: 50% }], interval: 500ms, goal: { metric: rating, direction: higher, margin: 0.5 } } }
`;
}

export const GOLDEN = `
- vars: { question: "How long is the reset link of my password valid?" }
  assert: [{ type: icontains, value: "24 hours" }]
- vars: { question: "When can I get a refund?" }
  assert: [{ type: icontains, value: "30 days" }]
`;
