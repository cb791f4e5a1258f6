import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";
import { makeNodeSettings } from "./test/support/quick-node/make-node-settings.ts";

// A test that needs a server (Postgres, Temporal), or starts commands as processes, is named *.it.test.ts.
const integration = "test/**/*.it.test.ts";
// One that takes seconds (thousands of rollouts are played, processes or servers are waited for) is named *.slow.test.ts,
// and no part of `npm run check`.
const slow = "test/**/*.slow.test.ts";
// What is published and what is promised to newcomers, as they meet it: packed and installed, the action, the tour, the examples.
const release = "test/**/*.release.test.ts";
/** Postgres, and when a test asks, Temporal and Chromium. */
const servers = { globalSetup: ["test/support/servers.ts"] };

export default defineConfig({
  test: {
    pool: "forks",
    // Node loads the tests as it loads the product, which is a sixth cheaper than having Vite do it.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Integration tests wait more than they compute: two at a time would leave two cores half idle.
    maxWorkers: 4,
    // Left out of `npm test`, which would take half as long again: `npm run prove -- long` runs them.
    tags: [{ name: "long", description: "kills, waits or repeats for many seconds" }],
    env: { ...(await makeNodeSettings()) },
    sequence: { sequencer: LongestFirst },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [integration, slow, release],
          // They share nothing that they change, and a process for each of two hundred files takes as long as the tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: "slow", include: [slow], isolate: false } },
      {
        extends: true,
        test: {
          name: "integration",
          include: [integration],
          ...servers,
          // A process for each of a hundred and sixty files reads the product and its libraries as often.
          isolate: false,
        },
      },
      {
        extends: true,
        // They install and build, on a machine that may have other work to do.
        test: { name: "release", include: [release], ...servers, isolate: false, testTimeout: 600_000 },
      },
    ],
  },
});
