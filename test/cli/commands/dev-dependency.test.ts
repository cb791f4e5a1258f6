import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { document, runSluice } from "../run-sluice.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-package-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const manifest = async () => readFile(join(folder, "package.json"), "utf8");
const SPEC = "git+https://git.example/sluice.git#0123456";

describe("the project that init writes names Sluice as a devDependency", () => {
  it("in a package.json of its own, by what it was run from or by what is named", async () => {
    const made = await document(["init"], { cwd: folder });
    expect(made).toMatchObject({ package: expect.stringMatching(/^(?:file:|git\+)/) });
    expect(JSON.parse(await manifest())).toEqual({
      private: true,
      type: "module",
      devDependencies: { sluice: made["package"] },
    });
    await mkdir(join(folder, "b"));
    await document(["init", "b", "--package", SPEC], { cwd: folder });
    expect(JSON.parse(await readFile(join(folder, "b/package.json"), "utf8"))).toMatchObject({
      devDependencies: { sluice: SPEC },
    });
  });

  it("in the one that is there, which keeps everything else, once", async () => {
    await writeFile(
      join(folder, "package.json"),
      '{\n\t"name": "shop",\n\t"devDependencies": { "a": "1" }\n}\n',
    );
    const { stdout } = await runSluice(["init", "--package", "1.2.3"], { cwd: folder });
    expect(stdout).toContain("added sluice to the devDependencies of package.json");
    expect(await manifest()).toBe(
      '{\n\t"name": "shop",\n\t"devDependencies": {\n\t\t"a": "1",\n\t\t"sluice": "1.2.3"\n\t}\n}\n',
    );
    const again = await document<{ kept: string[] }>(["init", "--package", "9.9.9"], { cwd: folder });
    expect(again.kept).toContain("package.json");
    expect(await manifest()).toContain('"1.2.3"');
  });

  it("or says what is wrong with the one that is there", async () => {
    await writeFile(join(folder, "package.json"), "{ nope");
    const ran = await runSluice(["init"], { cwd: folder });
    expect(ran).toMatchObject({
      code: 2,
      stderr: "sluice: package.json: is not JSON; mend it, then run this again\n",
    });
    expect((await runSluice(["init", "--package", " "], { cwd: folder })).code).toBe(2);
  });
});
