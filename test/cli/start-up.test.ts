import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const SLUICE = fileURLToPath(new URL("../../bin/sluice.mjs", import.meta.url));
/** Prints the files of packages that were loaded, when the process ends. */
const HOOK = `
import { registerHooks } from "node:module";
const loaded = [];
registerHooks({
  load(url, context, next) {
    if (url.includes("/node_modules/")) loaded.push(url);
    return next(url, context);
  },
});
process.on("exit", () => process.stderr.write(JSON.stringify(loaded)));
`;

/** The packages that a command loads, each once. */
async function packagesOf(...words: string[]): Promise<string[]> {
  const args = ["--import", `data:text/javascript,${encodeURIComponent(HOOK)}`, SLUICE, ...words];
  const { stderr } = await promisify(execFile)(process.execPath, args);
  const names = (JSON.parse(stderr) as string[]).map(
    (url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)![1]!,
  );
  return [...new Set(names)];
}

describe("starting", () => {
  it.each([[["--help"]], [["rollout", "start", "--help"]], [["keys", "create", "--help"]], [["--version"]]])(
    "sluice %j loads no package",
    async (words) => {
      expect(await packagesOf(...words)).toEqual([]);
    },
  );

  it("sluice completion loads nothing of the database or of Temporal", async () => {
    const loaded = await packagesOf("completion", "bash");
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((name) => /^(kysely|pg|openai|@temporalio\/.*)$/.test(name))).toEqual([]);
  });
});
