import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { PROMPT } from "../../src/demo/chapters.ts";
// @ts-expect-error A script without types.
import { ensureChromium } from "../ensure-chromium.mjs";
import {
  askAndApprove,
  headlineOf,
  liveWithinAMinute,
  person,
  say as tell,
  STORY_MS,
} from "./demo-edit/journeys.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const say = (line: string) => void process.stderr.write(`${line}\n`);
/** The headline at the end of each story, by the version that it is of. */
const STORIES = [
  [1, "Released to everybody"],
  [2, "Released to everybody"],
  [3, "Rolled back"],
  [4, "Stopped by the tests"],
] as const;

/**
 * What `npm start` promises, in a real browser: it prints an address that signs in, and its four stories are watched
 * there while they run. After them a marketer edits the prompt, tests it, saves it and asks for a rollout to the
 * imagined users, which an engineer approves, until everybody has it; and somebody who may release it alone is live
 * within a minute. No page meets an error.
 */
export async function prove(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-demo-edit-"));
  const executablePath = await (ensureChromium as (line: typeof say) => Promise<string>)(say);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const demo = spawn(process.execPath, [join(ROOT, "bin", "sluice.mjs"), "demo"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((settle) => void demo.once("close", () => settle()));
  try {
    const printed = Promise.withResolvers<string>();
    createInterface({ input: demo.stdout }).on("line", (line) => {
      say(line);
      const link = /\bhttp:\/\/\S+\/sign-in\?once=\S+/.exec(line);
      if (link) printed.resolve(link[0]);
    });
    const early = ended.then(() => Promise.reject(new Error("the demo ended while it was being used")));
    early.catch(() => undefined);
    const link = new URL(await Promise.race([printed.promise, early]));
    const wrong: string[] = [];
    const isSo = await Promise.race([use(browser, link, wrong), early]);
    for (const one of wrong) tell(`an error in a page: ${one}`);
    return isSo && wrong.length === 0;
  } finally {
    demo.kill("SIGINT");
    await ended;
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function use(browser: Browser, link: URL, wrong: string[]): Promise<boolean> {
  const context = await browser.newContext({ baseURL: link.origin });
  context.setDefaultTimeout(60_000);
  context.on("weberror", (error) => void wrong.push(error.error().message));
  const page = await context.newPage();
  await page.goto(link.href);
  await page.getByRole("heading", { level: 1 }).waitFor();
  for (const [version, headline] of STORIES) await watch(page, version, headline);
  const marketer = await person(browser, page, { owner: "mia", role: "editor" }, wrong);
  const engineer = await person(browser, page, { owner: "rea", role: "releaser" }, wrong);
  await askAndApprove(marketer, engineer, PROMPT);
  const releaser = await person(
    browser,
    page,
    { owner: "mona", role: "releaser", grants: { prompts: ["support/"] } },
    wrong,
  );
  return liveWithinAMinute(page, releaser);
}

/** From Home to the page of a version's rollout while it runs, or right after, and there until its end. */
async function watch(page: Page, version: number, headline: string): Promise<void> {
  await page.goto("/");
  await page
    .locator('a[href^="/rollouts/"]')
    .filter({ hasText: `${PROMPT}@${version}` })
    .first()
    .click({ timeout: STORY_MS });
  await headlineOf(page, headline);
}
