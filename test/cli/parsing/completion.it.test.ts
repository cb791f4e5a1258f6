import { execFile, execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HAS_TERMINALS, openTerminal, type Typing } from "../../support/terminal.ts";
import { createCommandBench, GOLDEN, promptFile, type CommandBench } from "../command-bench.ts";

const SLUICE = new URL("../../../bin/sluice.mjs", import.meta.url).pathname;
let bench: CommandBench;
let bin: string;
let env: Record<string, string>;
beforeAll(async () => {
  bench = await createCommandBench();
  await bench.file("golden.yaml", GOLDEN);
  await bench.file("support-reply.yaml", promptFile("Be brief."));
  await bench.run(["push", "support-reply.yaml"]);
  await bench.file("support-reply.yaml", promptFile("Be kind."));
  await bench.run(["push", "support-reply.yaml"]);
  await bench.file("refund.yaml", promptFile("Be brief.").replace("support-reply", "team/refund"));
  await bench.run(["push", "refund.yaml"]);
  // Completion calls sluice by its name; what is run by Enter only says what was on the line.
  bin = await mkdtemp(join(tmpdir(), "sluice-bin-"));
  await mkdir(join(bin, "home"));
  await writeFile(
    join(bin, "sluice"),
    `#!/bin/sh\ncase "$1" in compl*) exec '${process.execPath}' '${SLUICE}' "$@";; esac\necho "typed: $*."\n`,
  );
  await chmod(join(bin, "sluice"), 0o755);
  env = {
    ...bench.env,
    PATH: `${bin}${delimiter}${process.env["PATH"]}`,
    HOME: join(bin, "home"),
    PS1: "ready> ",
  };
});
afterAll(async () => {
  await bench.close();
  await rm(bin, { recursive: true, force: true });
});

function has(shell: string): boolean {
  try {
    execFileSync(shell, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What is typed before Tab, and what the line is after it. */
const COMPLETED = [
  ["sluice rollo", "rollout"],
  ["sluice rollout stat", "rollout status"],
  ["sluice rollout status sup", "rollout status support-reply"],
  ["sluice show te", "show team/refund"],
  ["sluice diff support-reply@1 team/refund@", "diff support-reply@1 team/refund@1"],
  ["sluice rollout start support-reply@1 --rep", "rollout start support-reply@1 --replace"],
  ["sluice push refu", "push refund.yaml"],
] as const;

const SHELLS = {
  bash: { command: ["bash", "--norc", "-i"], before: 'eval "$(sluice completion bash)"' },
  zsh: {
    command: ["zsh", "-f", "-i"],
    before: 'autoload -Uz compinit && compinit -D && eval "$(sluice completion zsh)"',
  },
} as const;

describe.each(Object.entries(SHELLS))("completion in %s", (shell, { command, before }) => {
  describe.skipIf(!HAS_TERMINALS || !has(shell))("as it is typed", () => {
    let terminal: Typing;
    beforeAll(async () => {
      terminal = openTerminal(command, { cwd: bench.folder, env });
      terminal.type(`${before}; echo loa''ded\n`);
      await terminal.until(/loaded\s/);
    });
    afterAll(() => terminal.close());

    it.each(COMPLETED)("%s[Tab]", async (typed, line) => {
      terminal.type(`${typed}\t\n`);
      expect(await terminal.until(/typed: .*\./)).toContain(`typed: ${line}.`);
    });

    it("offers versions where there are several", async () => {
      terminal.type("sluice show support-reply@\t\t");
      expect(await terminal.until(/@1\s+(support-reply)?@2\s/)).not.toContain("@support-reply");
    });
  });
});

describe.skipIf(!has("fish"))("completion in fish", () => {
  const complete = async (line: string) => {
    const script = `sluice completion fish | source; complete -C '${line}'`;
    const { stdout } = await promisify(execFile)("fish", ["--no-config", "-c", script], {
      cwd: bench.folder,
      env,
    });
    return stdout
      .trim()
      .split("\n")
      .map((one) => one.split("\t")[0]);
  };

  it.each(COMPLETED)("%s[Tab]", async (typed, line) => {
    expect(await complete(typed)).toEqual([line.split(" ").at(-1)]);
  });

  it("offers versions where there are several, and says what commands do", async () => {
    expect(await complete("sluice show support-reply@")).toEqual(["support-reply@1", "support-reply@2"]);
  });
});
