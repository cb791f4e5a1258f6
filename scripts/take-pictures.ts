// Pictures of the dashboard, and of Temporal's own page of a rollout, for README and docs/, taken in a real browser while the demo runs, and after.
//
//   npm run pictures             all, into docs/pictures
//   npm run pictures -- FOLDER   elsewhere
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { type BrowserContext, chromium } from "playwright-core";
// @ts-expect-error A script without types.
import { ensureChromium } from "./ensure-chromium.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROMPT = "support-reply";
const DESK = { width: 1280, height: 800 };
const TALL = { width: 1280, height: 1000 };
const PHONE = { width: 390, height: 760 };

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly size?: typeof DESK;
  /** What is there once all of it is: an editor comes after its page. */
  readonly last?: string;
}

/** Of what is there once all four stories have ended. */
const AFTERWARDS: readonly Shot[] = [
  { name: "home", path: "/" },
  { name: "editor", path: `/p/${PROMPT}/~edit?from=2`, last: ".cm-content" },
];

async function main(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), "sluice-pictures-"));
  const executablePath = await (ensureChromium as (say: (line: string) => void) => Promise<string>)(
    console.error,
  );
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const demo = spawn(process.execPath, [join(ROOT, "bin", "sluice.mjs"), "demo"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((settle) => demo.once("close", settle));
  try {
    const signIn = Promise.withResolvers<string>();
    const finished = Promise.withResolvers<void>();
    let temporal = "";
    createInterface({ input: demo.stdout }).on("line", (line) => {
      console.error(line);
      const link = /\bhttp:\/\/\S+\/sign-in\?once=\S+/.exec(line);
      if (link) signIn.resolve(link[0]);
      temporal = /\bhttp:\/\/\S+\/namespaces\/\S+/.exec(line)?.[0] ?? temporal;
      if (line.includes("To try in a second terminal")) finished.resolve();
    });
    const early = ended.then(() =>
      Promise.reject(new Error("the demo ended before all pictures were taken")),
    );
    early.catch(() => undefined);
    const link = new URL(await Promise.race([signIn.promise, early]));
    const context = await browser.newContext({ baseURL: link.origin, viewport: DESK });
    const page = await context.newPage();
    await page.goto(link.href);
    await page.waitForURL(({ pathname }) => pathname !== link.pathname);
    await page.close();
    await Promise.race([takeAll(context, folder, finished.promise, () => temporal), early]);
  } finally {
    demo.kill("SIGINT");
    await ended;
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function takeAll(
  context: BrowserContext,
  folder: string,
  finished: Promise<void>,
  temporal: () => string,
): Promise<void> {
  // One that is on, at its last share: there the picture has both of its edges.
  const tried = await rollout(context, 2, ({ phase, outcome, stage }) => {
    if (outcome !== null) throw new Error("the second version ended before it was pictured");
    return phase === "canary" && stage >= 3;
  });
  await take(context, folder, {
    name: "rollout",
    path: `/rollouts/${tried}`,
    size: TALL,
    // What releases it is tested at the last share alone.
    last: ".chart .edge.worst[d^=M]",
  });
  await takeTemporal(context, folder, temporal());
  const worse = await rollout(context, 3, ({ outcome }) => outcome !== null);
  await take(context, folder, { name: "rolled-back-phone", path: `/rollouts/${worse}`, size: PHONE });
  await finished;
  for (const shot of AFTERWARDS) await take(context, folder, shot);
}

interface Listed {
  readonly rolloutId: string;
  readonly candidate: string;
  readonly phase: string;
  readonly outcome: string | null;
  readonly stage: number;
}

/** The id of a version's rollout, once it is as wanted. */
async function rollout(
  context: BrowserContext,
  version: number,
  isWanted: (rollout: Listed) => boolean,
): Promise<string> {
  for (;;) {
    const answer = await context.request.get(`/v1/rollouts?prompt=${PROMPT}`);
    const { items } = (await answer.json()) as { readonly items: readonly Listed[] };
    const found = items.find(({ candidate }) => candidate === `${PROMPT}@${version}`);
    if (found && isWanted(found)) return found.rolloutId;
    await new Promise((turn) => setTimeout(turn, 200));
  }
}

/** What an operator sees who has nothing but Temporal: the summary, the details as the workflow tells them, each step. */
async function takeTemporal(context: BrowserContext, folder: string, address: string): Promise<void> {
  const page = await context.newPage();
  try {
    await page.setViewportSize({ width: 1280, height: 1000 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(address);
      await page.getByText("promptRollout").first().waitFor();
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: join(folder, `temporal-${colorScheme}.png`) });
    }
    console.error("taken: temporal");
  } finally {
    await page.close();
  }
}

/** Light and dark. */
async function take(
  context: BrowserContext,
  folder: string,
  { name, path, size = DESK, last = "main h1" }: Shot,
): Promise<void> {
  const page = await context.newPage();
  try {
    await page.setViewportSize(size);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(path);
    await page.locator("main h1").waitFor();
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
    await page.locator(last).first().waitFor({ state: "attached" });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    }
    console.error(`taken: ${name}`);
  } finally {
    await page.close();
  }
}

await main(resolve(process.argv[2] ?? join(ROOT, "docs", "pictures")));
