import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestJson } from "../../../src/digest.ts";
import { createResolver, type Resolver } from "../../../src/resolver/index.ts";
import { snapshotText } from "../../../src/resolver/snapshot/snapshot-file.ts";
import { artifact } from "../support/artifacts.ts";
import { eventually } from "../support/eventually.ts";

let folder: string;
let file: string;
let prompts: Resolver | undefined;
let warnings: { readonly code: string; readonly message: string }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-bundle-"));
  file = join(folder, "prompts.json");
  warnings = [];
});
afterEach(async () => {
  await prompts?.close();
  prompts = undefined;
  await rm(folder, { recursive: true });
});

const bundle = (says: string, number: number) => {
  const made = artifact(says);
  const id = `00000000-0000-4000-8000-00000000000${number}`;
  const version = { id, prompt: "greeting", number, sha256: digestJson(made), artifact: made };
  const scope = { label: "production", prompt: "greeting", model: "", tenant: "" };
  return snapshotText({ pointers: [{ ...scope, activeVersion: id, revision: number }], versions: [version] });
};
const put = async (text: string) => {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
};
const open = async () => {
  prompts = await createResolver({ source: `file:${file}`, onWarning: (warning) => warnings.push(warning) });
  return prompts;
};
const served = async () => {
  const { version, source } = await prompts!.resolve({ prompt: "greeting", unit: "anna" });
  return [version, source];
};

describe("a bundle as the source", () => {
  it("serves without any store, whoever asks, and the version that is asked for by number", async () => {
    await put(bundle("Hello", 1));
    const resolver = await open();
    expect(await served()).toEqual([1, "store"]);
    expect(await served()).toEqual([1, "memory"]);
    expect((await resolver.resolve({ prompt: "greeting", version: 1 })).version).toBe(1);
    expect((await resolver.resolve({ prompt: "other" })).source).toBe("fallback");
  });

  it("takes over one that is put in its place, and no bad one", async () => {
    await put(bundle("Hello", 1));
    await open();
    await served();
    await put(bundle("Good day", 2));
    await eventually("the new version is served", async () => (await served())[0] === 2);
    await put(bundle("Good evening", 3).replace("evening", "morning"));
    await eventually("the bad file is warned of", () =>
      warnings.some(({ message }) => /its hash does not match/.test(message)),
    );
    expect((await served())[0]).toBe(2);
  });

  it("is refused in one line where it is absent, cut or changed", async () => {
    await expect(open()).rejects.toThrow(/^the bundle .*prompts\.json cannot be read \(ENOENT\)$/);
    await put(bundle("Hello", 1));
    const text = await readFile(file, "utf8");
    for (const [bad, why] of [
      [text.slice(0, -10), "it has been cut or changed: its hash does not match"],
      [text.replace("Hello", "Hi"), "it has been cut or changed: its hash does not match"],
      ["{}", "it is not a snapshot of Sluice's"],
    ] as const) {
      await put(bad);
      await expect(open()).rejects.toThrow(
        `prompts.json is not used: ${why}; write it again with sluice bundle, and keep it as it came`,
      );
    }
  });

  it("says that outcomes have nowhere to go", async () => {
    await put(bundle("Hello", 1));
    const resolver = await open();
    const prompt = await resolver.resolve({ prompt: "greeting", unit: "anna" });
    resolver.record(prompt, { metrics: { rating: 5 } });
    await resolver.close();
    prompts = undefined;
    expect(warnings.map(({ message }) => message).join()).toMatch(/takes no outcomes/);
  });
});
