import { defineConfig } from "vitest/config";

// A test that needs a server (Postgres, Temporal) is named *.it.test.ts; everything else runs without any.
const integration = "test/**/*.it.test.ts";

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
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
