import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporalAddress } from "../support/temporal.ts";
import { type CommandBench, createCommandBench, GOLDEN, promptFile } from "./command-bench.ts";
import { runSluice } from "./run-sluice.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.run(["push", "support-reply.yaml"]);
});
afterAll(() => bench.close());

const TRACE = /\n\s+at |this is a bug/;

/** What a command and a worker say with these settings, each one line and no trace. */
async function said(settings: Record<string, string>) {
  const env = { ...bench.env, TEMPORAL_ADDRESS: await temporalAddress(), ...settings };
  const ran = await runSluice(["rollout", "start", "support-reply@1"], { env });
  const worker = await runSluice(["worker"], { env });
  for (const { stderr } of [ran, worker]) {
    expect(stderr).not.toMatch(TRACE);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  }
  return { ran, worker };
}

describe("settings of Temporal that lead nowhere are said in one line, by a command and by a worker", () => {
  it("a namespace that is not there", async () => {
    const { ran, worker } = await said({ TEMPORAL_NAMESPACE: "nope" });
    for (const { stderr, code } of [ran, worker]) {
      expect(stderr).toMatch(
        /Temporal at \S+ has no namespace nope; create it .* or check TEMPORAL_NAMESPACE/,
      );
      expect(code).toBe(2);
    }
  });

  it("a profile that is not there, and an address that is none", async () => {
    for (const settings of [{ TEMPORAL_PROFILE: "nope" }, { TEMPORAL_ADDRESS: "http://127.0.0.1:7233" }]) {
      const { ran, worker } = await said(settings);
      expect([ran.code, worker.code]).toEqual([2, 2]);
    }
  });
});

describe("a worker that Postgres refuses", () => {
  it("says so in one line, without the password", async () => {
    const url = new URL(bench.env["DATABASE_URL"]!);
    url.pathname = "/there-is-none";
    url.password = "SECRET";
    const { stderr, code } = await runSluice(["worker"], { env: { DATABASE_URL: url.href } });
    expect(stderr).toMatch(/^sluice worker: Postgres at \S+\/there-is-none refuses the login .*\n$/);
    expect(stderr).not.toContain("SECRET");
    expect(code).toBe(5);
  });
});
