import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openShell, type Background, type Shell } from "../../support/shell.ts";
import { runSluice } from "../run-sluice.ts";

let folder: string;
let shell: Shell;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-starter-"));
  shell = openShell(folder);
});
afterAll(async () => {
  await shell.close();
  await rm(folder, { recursive: true, force: true });
});

it(
  "an empty folder has two versions rolled out within five minutes, by the steps that init prints",
  { tags: "long", timeout: 330_000 },
  async () => {
    const { stdout } = await runSluice(["init"], { cwd: folder });
    const steps = stdout.split("\n").flatMap((line) => /^ {2}(\S.*)$/.exec(line)?.[1] ?? []);
    expect(steps.length).toBeGreaterThan(6);

    const began = performance.now();
    const said: string[] = [];
    let users: Background | undefined;
    for (const step of steps) {
      if (step.endsWith(" dev")) await shell.start(step).until("Ctrl-C stops everything");
      else if (step.endsWith("users.mjs")) users = shell.start(step);
      else {
        const typed = await shell.type(step);
        expect(typed.code, `${step}\n${typed.said}\n${users?.said()}`).toBe(0);
        said.push(typed.said);
      }
    }
    expect(performance.now() - began).toBeLessThan(300_000);

    const all = said.join("\n");
    expect(all).toContain("prompts/support-reply.yaml: passes");
    expect(all).toContain("promoted: first_version");
    expect(all).toContain("canary, stage 1 of 3: 5 % of units get it");
    expect(all).toMatch(/promoted: rating is proven no worse/);
    expect(users!.said()).toMatch(/"version 1":\d+.*"version 2":\d+/);
    expect(users!.child.exitCode).toBeNull();
  },
);
