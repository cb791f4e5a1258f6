import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
});
afterAll(() => bench.close());

// Put together here, so that no scanner takes this file for a leak.
const token = ["ghp", "_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");
const withSecret = promptFile(`Be brief. The key is ${token}.`).replaceAll("support-reply", "leaky");

describe("a secret in a prompt", () => {
  it("is refused by push, before anything is written, and is not repeated", async () => {
    await bench.file("leaky.yaml", withSecret);
    const refused = await bench.run(["push", "leaky.yaml"]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /leaky\.yaml: message 1 \(system\) contains what looks like a secret: .*--allow-secret/,
    );
    expect(refused.stderr).not.toContain(token);
    expect((await bench.run(["show", "leaky"])).code).toBe(2);
  });

  it("is let through with a reason, which is audited, and from then on without", async () => {
    await bench.file("leaky.yaml", withSecret);
    const without = await bench.run(["push", "leaky.yaml", "--allow-secret"]);
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toContain("--allow-secret needs a --reason");
    const args = ["push", "leaky.yaml", "--allow-secret", "--reason", "a key of the sandbox"];
    expect(await bench.json(args)).toMatchObject([
      { version: 1, created: true, findings: [{ code: "secret", severity: "warning" }] },
    ]);
    expect(await bench.json(["push", "leaky.yaml"])).toMatchObject([{ version: 1, created: false }]);
    const audit = await bench.json<{ action: string; details: object }[]>(["audit", "leaky"]);
    expect(audit).toMatchObject([
      { action: "version_pushed", details: { allowedSecrets: { reason: "a key of the sandbox" } } },
    ]);
  });
});

describe("what the checks find in a version", () => {
  it("is said by push and show, against the version before", async () => {
    await bench.file("support-reply.yaml", promptFile("Be brief."));
    await bench.run(["push", "support-reply.yaml"]);
    const breaking = promptFile("Be brief.").replace(
      /^variables:/m,
      "variables:\n  locale: { type: string, required: true }",
    );
    await bench.file("support-reply.yaml", breaking);
    const pushed = await bench.run(["push", "support-reply.yaml"]);
    const says = "variables.locale is new and required, and callers do not send it";
    expect(pushed.stderr).toContain(`warning: support-reply.yaml: ${says}`);
    expect(await bench.json(["show", "support-reply@2"])).toMatchObject({
      findings: [{ code: "contract", severity: "warning", message: says }],
    });
    expect(await bench.json(["show", "support-reply@1"])).toMatchObject({ findings: [] });
  });
});
