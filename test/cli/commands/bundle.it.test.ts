import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createResolver } from "../../../src/resolver/index.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

let bench: CommandBench;
beforeAll(async () => {
  bench = await createCommandBench();
});
afterAll(() => bench.close());

it("a bundle is written in one step, says where its versions come from, and is all that a service needs", async () => {
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.run(["push", "support-reply.yaml", "-m", "the first one"]);
  await bench.run([
    "pointers",
    "set",
    "support-reply@1",
    "--expected-revision",
    "0",
    "--reason",
    "r",
    "--force",
  ]);
  const written = await bench.run(["bundle", "--to", "prompts.json"]);
  expect(written.stdout, written.stderr).toMatch(
    /^prompts\.json: 1 version behind 1 pointer, [0-9a-f]{12}\n$/,
  );
  expect(readdirSync(bench.folder).filter((name) => name.startsWith("prompts"))).toEqual(["prompts.json"]);
  const file = join(bench.folder, "prompts.json");
  const { body } = JSON.parse(await readFile(file, "utf8")) as { body: { versions: unknown[] } };
  expect(body.versions).toMatchObject([
    {
      provenance: {
        author: "anna",
        message: "the first one",
        semver: "1.0.0",
        createdAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/) as string,
      },
    },
  ]);
  // The same text as it is piped.
  expect(await readFile(file, "utf8")).toBe((await bench.run(["bundle"])).stdout);
  const prompts = await createResolver({ source: `file:${file}` });
  const prompt = await prompts.resolve({ prompt: "support-reply" });
  expect(prompt.version).toBe(1);
  expect(prompt.render({ question: "When?" }).messages).toHaveLength(2);
  await prompts.close();
  const nowhere = await bench.run(["bundle", "--to", "no/such/prompts.json"]);
  expect(nowhere.stderr).toContain("no/such/prompts.json: cannot be written (ENOENT)");
  expect(nowhere.code).toBe(2);
});
