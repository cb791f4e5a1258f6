import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  await bench.file("golden.yaml", GOLDEN);
  for (const words of ["Be brief.", "Be kind."]) {
    await bench.file("support-reply.yaml", promptFile(words));
    await bench.json(["push", "support-reply.yaml"]);
  }
  const set = ["--force", "--reason", "x", "--expected-revision", "0"];
  await bench.json(["pointers", "set", "support-reply@1", ...set]);
});
afterAll(() => bench.close());

const policy = (dataset: string) =>
  `gate: { dataset: ${dataset} }\ncanary: { stages: [{ share: 50% }], goal: { metric: rating, direction: higher, margin: 0.5 } }\n`;
const says =
  /with (\d+) cases? nothing under \d+ points can be ruled out, so this gate cannot pass, only look fine/;

describe("what a set of cases can show", () => {
  it("is said by plan", async () => {
    const planned = await bench.run(["plan", "support-reply@2", "--traffic", "5000/day"]);
    expect(planned.stdout.replace(/\s+/g, " ")).toMatch(says);
    expect(await bench.json(["plan", "support-reply@2", "--traffic", "5000/day"])).toMatchObject({
      gate: expect.stringMatching(says),
    });
  });

  it("is said by start before anything is started, and a mistake in the dataset ends it there", async () => {
    await bench.file(
      "empty.yaml",
      "- { vars: { product: [], question: q }, assert: [{ type: equals, value: x }] }\n",
    );
    await bench.file("empty.rollout.yaml", policy("empty.yaml"));
    const refused = await bench.run([
      "rollout",
      "start",
      "support-reply@2",
      "--policy",
      "empty.rollout.yaml",
    ]);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toMatch(/empty\.yaml:1:3: case 1: variable "product" is an empty list/);
    expect(await bench.json(["rollout", "list"])).toEqual([]);
    const started = await bench.run(["rollout", "start", "support-reply@2"]);
    expect(started.stderr).toMatch(says);
  });
});
