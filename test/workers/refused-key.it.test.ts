import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { nodeSettings } from "../support/quick-node/node-settings.ts";
import { startRefusingTemporal } from "../support/refusing-temporal.ts";

const WORKER = fileURLToPath(new URL("../../workers/main.ts", import.meta.url));
const KEY = "tmprl_canary_5f2c9e7d1b";

describe("a worker whose key Temporal refuses", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it("ends and says so, without the key, instead of waiting for a Temporal that is there", async () => {
    const env = {
      ...nodeSettings(),
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: await startRefusingTemporal(16),
      TEMPORAL_API_KEY: KEY,
      TEMPORAL_TLS: "false",
    };
    const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) => {
      execFile(process.execPath, [WORKER], { env, timeout: 50_000 }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, said: stdout + stderr }),
      );
    });
    expect(said).toContain("refuses access to namespace default");
    expect(said).toContain("check TEMPORAL_API_KEY");
    expect(said).not.toContain(KEY);
    expect(code).toBe(2);
  });
});
