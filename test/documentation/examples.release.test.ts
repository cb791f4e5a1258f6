import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCommandBench, type CommandBench } from "../cli/command-bench.ts";
import { openShell, type Shell } from "../support/shell.ts";
import { codeBlocks, PAGES, ROOT } from "./markdown.ts";
import { keepChance, readTranscript, settled, withOutputs, type Shown } from "./transcript.ts";

const EXAMPLES = "docs/reference/examples.md";
/** Pages whose commands another test follows, in their order. */
const FOLLOWED = new Set([
  "README.md",
  EXAMPLES,
  "docs/reference/server.md",
  "docs/reference/moving-from-langfuse.md",
  "docs/reference/git.md",
]);
/**
 * The composition needs Docker, the chart Kubernetes, and a backup the programs of PostgreSQL's server (`npm run prove --
 * backup`); a server serves until it is told to stop.
 */
const TOLD_ELSEWHERE =
  /^(?:npm|alias|docker|kubectl|helm| +--from-literal|cd deploy|\.\/make-secrets|pg_\w+|export|sed|DATABASE_URL=|(?:\w+=\S+ )*sluice server)/;

/** `npm run record-examples`: the page is written anew from what is printed, to be read as a diff. */
const recorded: Shown[] | undefined = process.env["RECORD_EXAMPLES"] ? [] : undefined;

const transcripts = PAGES.flatMap((page) =>
  codeBlocks(page)
    .filter(({ language }) => language === "console")
    .flatMap(({ text }) => readTranscript(text).map((shown) => ({ page, ...shown }))),
);
const invocations = PAGES.filter((page) => !FOLLOWED.has(page)).flatMap((page) =>
  codeBlocks(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trim().split("\n"))
    .filter((line) => !TOLD_ELSEWHERE.test(line))
    .map((line) => [page, line] as const),
);

let bench: CommandBench;
let bin: string;
let shell: Shell;
beforeAll(async () => {
  bench = await createCommandBench({ temporal: true });
  bin = await mkdtemp(path.join(tmpdir(), "sluice-bin-"));
  const program = path.join(ROOT, "bin", "sluice.mjs");
  await writeFile(path.join(bin, "sluice"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(path.join(bin, "sluice"), 0o755);
  await symlink(process.execPath, path.join(bin, "node"));
  const env = {
    ...bench.env,
    PATH: `${bin}${path.delimiter}${process.env["PATH"]}`,
    SLUICE_ACTOR: "anna",
    SLUICE_TEMPORAL_UI_URL: "http://127.0.0.1:8233",
  };
  shell = openShell(bench.folder, { env });
});
afterAll(async () => {
  if (recorded?.length === transcripts.length) {
    const page = path.join(ROOT, EXAMPLES);
    await writeFile(page, withOutputs(await readFile(page, "utf8"), recorded));
  }
  await bench.close();
  await rm(bin, { recursive: true, force: true });
});

describe("what the pages say that commands print", () => {
  it("is all on one page, which can be followed from its beginning", () => {
    expect(new Set(transcripts.map(({ page }) => page))).toEqual(new Set([EXAMPLES]));
    expect(transcripts.length).toBeGreaterThan(20);
  });

  let last: number | null = 0;
  it.each(transcripts.map((shown, at) => [shown.command, shown, transcripts[at + 1]?.command] as const))(
    "is what they print: %s",
    async (command, { output }, next) => {
      const { code, said } = await shell.type(command.replaceAll("$?", String(last)));
      const printed = said.trimEnd() === "" ? [] : said.trimEnd().split("\n");
      if (recorded) recorded.push({ command, output: keepChance(output, printed) });
      else expect(settled(printed)).toEqual(settled(output));
      // A page shows the code of a command that does not end well.
      if (next !== "echo $?" && !said.startsWith("sluice: ")) expect(code).toBe(0);
      last = code;
    },
  );
});

describe("the commands that other pages name without what they print", () => {
  it.each(invocations)("do what was asked: %s: %s", async (_page, line) => {
    const { code, said } = await shell.type(line);
    expect(code, said).toBe(0);
  });
});
