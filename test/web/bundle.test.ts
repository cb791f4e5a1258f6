import { brotliCompressSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
// @ts-expect-error A script without types.
import { bundleWeb } from "../../scripts/bundle-web.mjs";

const ROOT = new URL("../..", import.meta.url).pathname;
const KB = 1_000;
/** Of each answer, as browsers count it. */
const HEAD = 300;
/** The page itself and the data of a rollout with three pictures, which has the most: test/web/records.it.test.ts sees all of it. */
const DATA = 10 * KB;

interface Bundle {
  readonly files: readonly { readonly name: string; readonly text: string }[];
}
let bundle: Bundle;
let preloads: { readonly first: readonly string[]; readonly screens: Readonly<Record<string, string[]>> };

beforeAll(async () => {
  bundle = await (bundleWeb as (root: string) => Promise<Bundle>)(ROOT);
  preloads = JSON.parse(bundle.files.find(({ name }) => name === "screens.json")!.text) as typeof preloads;
});

/** What a browser is sent for these files, in bytes, without their heads: as gzip, or as Brotli, which it takes over HTTPS. */
const sent = (names: readonly string[], zipped: (text: string) => Buffer) =>
  names.reduce(
    (sum, wanted) => sum + zipped(bundle.files.find(({ name }) => name === wanted)!.text).length,
    0,
  );
const asGzip = (text: string) => gzipSync(text, { level: 9 });
const named = (beginning: string) => bundle.files.find(({ name }) => name.startsWith(beginning))!.name;

describe("what a browser loads", () => {
  it("is less than 20 kB of script before the screen that is looked at", () => {
    expect(sent([named("main-"), ...preloads.first], asGzip)).toBeLessThan(20 * KB);
  });

  it("is less than 60 kB in all, with its data, for each screen that shows, and each screen is a file of its own", () => {
    const always = [named("main-"), ...preloads.first, named("style-")];
    const sizes = Object.entries(preloads.screens).map(([name, files]) => ({
      name,
      own: files.some((file) => file.startsWith(`${name}-page-`)),
      bytes: sent([...always, ...files], brotliCompressSync) + HEAD * (always.length + files.length) + DATA,
    }));
    expect(sizes.length).toBeGreaterThan(8);
    expect(sizes.filter(({ own }) => !own)).toEqual([]);
    expect(sizes.filter(({ name, bytes }) => bytes > (EDITING.has(name) ? 200 : 60) * KB)).toEqual([]);
  });
});

/** Screens on which text is written, with an editor. */
const EDITING = new Set(["editor", "playground"]);
