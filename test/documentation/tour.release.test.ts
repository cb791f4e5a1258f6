import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, ROOT } from "./markdown.ts";
import { removeStack } from "../support/remove-stack.ts";

const SLUICE = path.join(ROOT, "src/cli/main.ts");
const blocks = codeBlocks("README.md");
/** What a reader types after `dev` has started, in order. */
const typed = blocks
  .filter((block) => block.language === "sh")
  .flatMap((block) => block.text.trim().split("\n"))
  .filter((line) => /^(?:sluice|sed|DATABASE_URL=)/.test(line));

let folder: string;
let dev: ChildProcess;
let users: ChildProcess | undefined;
let databaseUrl: string;

beforeAll(async () => {
  // Below the checkout, so that the reader's script finds the library by its name.
  const tours = path.join(ROOT, ".sluice", "tours");
  await mkdir(tours, { recursive: true });
  folder = await mkdtemp(path.join(tours, "tour-"));
  for (const { file, text } of blocks) if (file) await writeFile(path.join(folder, file), text);
  dev = spawn(process.execPath, [SLUICE, "dev"], { ...inTour(), stdio: ["ignore", "pipe", "pipe"] });
  const said = await saidUntil(dev, "Ctrl-C stops everything");
  databaseUrl = /postgres:\/\/\S+/.exec(said)![0];
});

afterAll(async () => {
  await ended(users, "SIGTERM");
  await ended(dev, "SIGINT");
  await removeStack(folder);
});

describe("the README's tour", () => {
  it("goes as it is told", { timeout: 240_000 }, async () => {
    const answers: Record<string, string> = {};
    for (const line of typed) {
      if (line.startsWith("DATABASE_URL=")) users = startUsers(line);
      else answers[line.replace(/ -.*/, "")] = await type(line);
    }
    expect(answers["sluice rollout start refund-help@1"]).toContain("promoted");
    expect(answers["sluice resolve refund-help"]).toContain("refund-help@1");
    expect(answers["sluice rollout start refund-help@2"]).toContain("promoted: rating is proven no worse");
    expect(answers["sluice rollback refund-help"]).toContain("serves refund-help@1");
    expect(answers["sluice pointers"]).toMatch(/production +refund-help@1/);
    expect(answers["sluice audit"]).toContain("trying it out");
    // Users went on coming all the while.
    expect(users?.exitCode).toBeNull();
  });
});

/** Nothing of the machine's own parts may be used: the tour says that none is set. */
function inTour() {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:DATABASE_|TEMPORAL_|OPENAI_|ANTHROPIC_|VITEST)/.test(name),
    ),
  );
  return { cwd: folder, env: { ...env, NO_COLOR: "1" } };
}

/** Runs a line as a shell does; a line that fails fails the test with what it said. */
function type(line: string): Promise<string> {
  const script = `sluice() { "$NODE" "$SLUICE" "$@"; }\n${line}`;
  const { cwd, env } = inTour();
  const options = { cwd, env: { ...env, NODE: process.execPath, SLUICE } };
  return new Promise((resolve, reject) => {
    execFile("bash", ["-c", script], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${line}\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

function startUsers(line: string): ChildProcess {
  const [, args] = /npx node (.+)$/.exec(line)!;
  const { cwd, env } = inTour();
  return spawn(process.execPath, args!.split(" "), {
    cwd,
    env: { ...env, DATABASE_URL: databaseUrl },
    stdio: "ignore",
  });
}

function saidUntil(child: ChildProcess, last: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(last)) resolve(said);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => reject(new Error(`sluice dev ended (${code}):\n${said}`)));
  });
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}
