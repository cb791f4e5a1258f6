/** The peers of `bench/package.json`, each holding the same prompts and splits in memory as ours does. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface Peer {
  readonly name: string;
  /** Decides for one unit, from memory; awaited where the peer offers nothing else. */
  readonly split: (prompt: string, unit: string) => unknown;
  readonly awaited: boolean;
  close(): Promise<void> | void;
}

export interface LangfusePeer {
  readonly get: (prompt: string) => Promise<{ compile(values: Record<string, string>): unknown }>;
  /** Requests that reached the server. */
  requests(): number;
  close(): void;
}

/** 5 % candidate, 5 % control, 90 % neither: what each peer is told in its own words. */
const ARMS = [
  { name: "candidate", share: 5 },
  { name: "control", share: 5 },
  { name: "unenrolled", share: 90 },
];

/** Installs the peers if they are missing; false when that cannot be done here. */
export function installPeers(progress: (line: string) => void): boolean {
  if (existsSync(join(import.meta.dirname, "node_modules"))) return true;
  progress("installing the peers of bench/package.json");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  return npm.status === 0;
}

const requirePeer = createRequire(join(import.meta.dirname, "package.json"));

// The peers are not in the product's lockfile, so their types cannot be relied on.
// oxlint-disable-next-line typescript/no-explicit-any
async function load(name: string): Promise<any> {
  return import(pathToFileURL(requirePeer.resolve(name)).href);
}

export async function openPeers(prompts: readonly string[]): Promise<Peer[]> {
  return [await openUnleash(prompts), await openGrowthBook(prompts), await openLaunchDarkly(prompts)];
}

async function openUnleash(prompts: readonly string[]): Promise<Peer> {
  const { Unleash, InMemStorageProvider } = await load("unleash-client");
  const client = new Unleash({
    appName: "bench",
    url: "http://127.0.0.1:1/api",
    disableMetrics: true,
    refreshInterval: 0,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: {
      data: prompts.map((name) => ({
        name,
        type: "experiment",
        project: "default",
        stale: false,
        enabled: true,
        impressionData: false,
        strategies: [
          {
            name: "flexibleRollout",
            parameters: { rollout: "100", stickiness: "userId", groupId: name },
            constraints: [],
            variants: ARMS.map((arm) => ({
              name: arm.name,
              weight: arm.share * 10,
              weightType: "variable",
              stickiness: "userId",
              payload: { type: "string", value: arm.name },
            })),
          },
        ],
        variants: [],
      })),
    },
  });
  client.on("error", () => undefined);
  client.on("warn", () => undefined);
  await new Promise((ready) => client.once("ready", ready));
  return {
    name: "Unleash",
    awaited: false,
    split: (prompt, userId) => client.getVariant(prompt, { userId }),
    close: () => client.destroy(),
  };
}

async function openGrowthBook(prompts: readonly string[]): Promise<Peer> {
  const { GrowthBookClient } = await load("@growthbook/growthbook");
  const features = Object.fromEntries(
    prompts.map((name) => [
      name,
      {
        defaultValue: "unenrolled",
        rules: [
          {
            key: name,
            hashAttribute: "id",
            hashVersion: 2,
            variations: ARMS.map((arm) => arm.name),
            weights: ARMS.map((arm) => arm.share / 100),
          },
        ],
      },
    ]),
  );
  const client = new GrowthBookClient({}).initSync({ payload: { features } });
  return {
    name: "GrowthBook",
    awaited: false,
    split: (prompt, id) => client.evalFeature(prompt, { attributes: { id } }),
    close: () => client.destroy(),
  };
}

async function openLaunchDarkly(prompts: readonly string[]): Promise<Peer> {
  const { init } = await load("@launchdarkly/node-server-sdk");
  const { TestData } = (await load("@launchdarkly/node-server-sdk/integrations")) as {
    TestData: new () => { getFactory(): unknown; usePreconfiguredFlag(flag: unknown): Promise<void> };
  };
  const data = new TestData();
  for (const [i, key] of prompts.entries())
    await data.usePreconfiguredFlag({
      key,
      version: 1,
      on: true,
      salt: `salt-${i}`,
      variations: ARMS.map((arm) => arm.name),
      fallthrough: {
        rollout: { variations: ARMS.map((arm, variation) => ({ variation, weight: arm.share * 1_000 })) },
      },
      offVariation: 2,
      prerequisites: [],
      targets: [],
      rules: [],
    });
  const quiet = { error() {}, warn() {}, info() {}, debug() {} };
  const client = init("bench", { updateProcessor: data.getFactory(), sendEvents: false, logger: quiet });
  await client.waitForInitialization({ timeout: 5 });
  return {
    name: "LaunchDarkly",
    awaited: true,
    split: (prompt, key) => client.variation(prompt, { kind: "user", key }, "unenrolled"),
    close: () => client.close(),
  };
}

/** Langfuse's client against a local server that speaks its prompt API; everything in its cache. */
export async function openLangfuse(text: string): Promise<LangfusePeer> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const name = decodeURIComponent(
      new URL(request.url ?? "/", "http://localhost").pathname.split("/").at(-1)!,
    );
    // What a prompt store takes to answer, so that concurrent reads overlap.
    setTimeout(() => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          name,
          version: 1,
          type: "text",
          prompt: text,
          config: {},
          labels: ["production"],
          tags: [],
          projectId: "bench",
          createdAt: new Date(0),
          updatedAt: new Date(0),
          createdBy: "bench",
        }),
      );
    }, 20);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  const { LangfuseClient } = await load("@langfuse/client");
  const client = new LangfuseClient({
    publicKey: "pk",
    secretKey: "sk",
    baseUrl: `http://127.0.0.1:${port}`,
  });
  return {
    get: (prompt) => client.prompt.get(prompt, { type: "text", cacheTtlSeconds: 3_600 }),
    requests: () => requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
