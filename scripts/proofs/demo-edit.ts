import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { PROMPT } from "../../src/demo/chapters.ts";
// @ts-expect-error A script without types.
import { ensureChromium } from "../ensure-chromium.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const say = (line: string) => void process.stderr.write(`${line}\n`);
/** For one story to begin, and to end. */
const STORY_MS = 180_000;
/** The headline at the end of each story, by the version that it is of. */
const STORIES = [
  [1, "Released to everybody"],
  [2, "Released to everybody"],
  [3, "Rolled back"],
  [4, "Stopped by the tests"],
] as const;

/**
 * What `npm start` promises, in a real browser: it prints an address that signs in, its four stories are watched there
 * while they run, and after them somebody edits the prompt, tests it on the scripted model, saves it and rolls it out to
 * the imagined users, until some of them have it. No page meets an error.
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
    const context = await browser.newContext({ baseURL: link.origin });
    context.setDefaultTimeout(60_000);
    const wrong: string[] = [];
    context.on("weberror", (error) => void wrong.push(error.error().message));
    await Promise.race([use(context, link), early]);
    for (const one of wrong) process.stdout.write(`an error in a page: ${one}\n`);
    return wrong.length === 0;
  } finally {
    demo.kill("SIGINT");
    await ended;
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function use(context: BrowserContext, link: URL): Promise<void> {
  const page = await context.newPage();
  await page.goto(link.href);
  await page.getByRole("heading", { level: 1 }).waitFor();
  for (const [version, headline] of STORIES) await watch(page, version, headline);
  await edit(page);
  await headlineOf(page, "Being tried by");
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

async function headlineOf(page: Page, text: string): Promise<void> {
  await page.locator(".headline").filter({ hasText: text }).waitFor({ timeout: STORY_MS });
  process.stdout.write(`${(await page.locator("main h1").textContent()) ?? ""}: ${text}\n`);
}

async function edit(page: Page): Promise<void> {
  await page.goto(`/p/${PROMPT}/~edit?from=2`);
  await page.getByRole("textbox", { name: "Text of message 1" }).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nThank the customer for asking.");
  await page.getByText(/^Draft.* · saved \d\d:\d\d$/).waitFor();
  await page
    .getByRole("button", { name: /^Test it/ })
    .first()
    .click();
  await page.locator(".verdict").waitFor();
  process.stdout.write(`tested: ${(await page.locator(".verdict").textContent()) ?? ""}\n`);
  await page.getByRole("button", { name: "Save as version…" }).click();
  await page.getByLabel("What changed and why?").fill("thanks the customer");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("link", { name: "Roll it out…" }).click();
  await page.getByRole("button", { name: /^Start/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Start/ }).click();
  await page.waitForURL(/\/rollouts\/[0-9a-f-]{36}$/);
}
