import { defineConfig } from "vitest/config";
import { makeNodeSettings } from "./test/support/quick-node/make-node-settings.ts";

// A test that needs a server (Postgres, Temporal) is named *.it.test.ts; everything else runs without any.
const integration = "test/**/*.it.test.ts";

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    env: { ...(await makeNodeSettings()) },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "unit", include: ["test/**/*.test.ts"], exclude: [integration] } },
      {
        extends: true,
        test: {
          name: "integration",
          include: [integration],
          globalSetup: ["test/support/servers.ts"],
        },
      },
    ],
  },
});
