import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
// @ts-expect-error A script without types.
import { ensureChromium } from "../../scripts/ensure-chromium.mjs";
import { readLocalMachine } from "../../src/config.ts";
import { startPostgres } from "../../src/local/postgres/postgres.ts";
import { createRunFolder } from "../../src/local/stack/run-folder.ts";
import { workflowBundlePath } from "../../workers/bundle.ts";
import { findTemporalCli } from "../../src/local/temporal/temporal-cli.ts";
import { type LocalTemporal, startTemporal } from "../../src/local/temporal/temporal.ts";
import { createTemplateDatabase } from "./database-template.ts";
import { RUNS } from "./runs.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
    partsUrl: string;
  }
}

const interrupted = new AbortController();
/** What has been made, and how it is undone: last made, first undone. */
const made: (() => void | Promise<void>)[] = [];
let ending: Promise<void> | undefined;

/** Of databases that live for seconds, hundreds at a time: each would be looked after by a process of its own, again and again. */
const FOR_SHORT_LIVES = { autovacuum: "off", jit: "off", wal_level: "minimal", max_wal_senders: "0" };
// Of Temporal too: memory is there, and collecting it takes time from the tests.
process.env["GOGC"] ??= "400";

const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * The servers of one run of the integration tests: a Postgres with a migrated template database, and, made
 * when the first test asks, a Temporal and the workflow bundle. Everything is gone when the run ends; what
 * a killed run leaves behind is cleared by the next one.
 */
export async function setup(project: TestProject): Promise<void> {
  stopWhenInterrupted();
  const run = await createRunFolder(RUNS);
  made.push(() => run.remove());
  const { signal } = interrupted;
  const starting = startPostgres({
    dataDir: join(run.path, "postgres"),
    durable: false,
    // One file opens a hundred for fifty resolvers, while others run beside it.
    maxConnections: 400,
    settings: FOR_SHORT_LIVES,
    signal,
  });
  made.push(() => starting.then((server) => server.stop()).catch(() => undefined));
  // Built once a machine, which takes minutes: longer than a test may wait. Without it, who needs it says why.
  await findTemporalCli({ machine: readLocalMachine(), onProgress: say, signal }).catch(() => undefined);
  // Installed once, and not by several tests at a time. Without it, who needs it says why.
  const chromium = (ensureChromium as (say: (line: string) => void) => Promise<string>)(say);
  chromium.catch(() => undefined);
  const postgres = await starting;
  try {
    await createTemplateDatabase(postgres.url);
  } catch (error) {
    await teardown();
    throw error;
  }

  let temporal: Promise<LocalTemporal> | undefined;
  let bundle: Promise<string> | undefined;
  made.push(() => temporal?.then((server) => server.stop()).catch(() => undefined));
  const parts = await serveParts({
    chromium: () => chromium,
    async temporal() {
      temporal ??= startTemporal({
        machine: readLocalMachine(),
        dataDir: join(run.path, "temporal"),
        inMemory: true,
        signal,
      });
      return (await temporal).address;
    },
    bundle() {
      // The one that workers in processes of their own find there too: bundling takes longer than most files of tests.
      return (bundle ??= workflowBundlePath());
    },
  });
  made.push(() => parts.close());
  project.provide("postgresUrl", postgres.url);
  project.provide("partsUrl", parts.url);
}

export function teardown(): Promise<void> {
  return (ending ??= (async () => {
    for (let undo = made.pop(); undo; undo = made.pop()) await undo();
  })());
}

/** Without a terminal vitest ends a millisecond after it is interrupted, which is no time to stop servers. */
function stopWhenInterrupted(): void {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      interrupted.abort();
      void teardown().finally(() => process.exit(code));
    });
  }
}

/** Test files run in processes of their own; they ask this one for the parts that are made on demand. */
async function serveParts(makers: Record<string, () => Promise<string>>) {
  const secret = randomBytes(12).toString("hex");
  const server = createServer((request, response) => {
    const [, given, name] = (request.url ?? "").split("/");
    const make = given === secret && name !== undefined ? makers[name] : undefined;
    if (make === undefined) return response.writeHead(404).end();
    make().then(
      (text) => response.writeHead(200).end(text),
      (error: unknown) => response.writeHead(500).end(String(error instanceof Error ? error.message : error)),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    url: `http://127.0.0.1:${address.port}/${secret}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
