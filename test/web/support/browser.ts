import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type BrowserContext, type Browser as Chromium, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { pageAt, type ScreenName } from "../../../src/domain/addresses/page-address.ts";
import { partOfRun } from "../../support/run-parts.ts";
import { goThroughByTab } from "./tabbing.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 320, height: 640 };
/** Where a picture of every screen that is looked at goes, for a person to look at, too. */
const PICTURES = process.env["SLUICE_SCREENSHOTS"];

/** Of what a page said when a journey failed. */
const MOST_SHOWN = 6_000;

/** Somebody at a browser, who notices what should not happen. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /**
   * A screen as it is now: for everybody (axe), in both themes, at 1280 and 320 px, without a sideways scroll, and with
   * a sign and a word for each state. Of a screen over which a dialog lies that is looked at, and of one whose frame was
   * looked at before, what is in `part`.
   */
  readonly look: (name: string, part?: "main") => Promise<void>;
  /** A screen with its text set wider, and twice as large, on a phone and a desk: nothing goes over the edge or is cut. */
  readonly readLarge: (name: string) => Promise<void>;
  /** Goes through a screen by Tab, on a desk and a phone: what has the focus is seen, and nothing keeps it. */
  readonly goThrough: (name: string) => Promise<void>;
  /** What went wrong so far: errors, violations of the page's policy, requests to elsewhere. */
  readonly wrong: readonly string[];
}

export interface VisitOptions {
  /** Signs in with it before the first page. */
  readonly key?: string;
  readonly phone?: boolean;
}

export interface Browser {
  /** Runs a journey in a context of its own, and fails it where anything went wrong in the page. */
  visit(options: VisitOptions, journey: (visitor: Visitor) => Promise<void>): Promise<void>;
  /** A page as somebody sees it who has never been here, until `drawn` (a selector) is on it. */
  firstLook(options: VisitOptions & { readonly path: string; readonly drawn: string }): Promise<FirstLook>;
  close(): Promise<void>;
}

/** What a first look took. */
export interface FirstLook {
  /** What a browser was sent, and 300 bytes for the head of each answer. */
  readonly bytes: number;
  /** The paths that were asked for, the page's own left out, and whether the page itself names them. */
  readonly asked: ReadonlyMap<string, "named" | "not named">;
}

/** One real Chromium for the tests of a file. `urlOf` is asked for each visit. */
export async function openBrowser(urlOf: () => string): Promise<Browser> {
  const executablePath = await partOfRun("chromium");
  const browser: Chromium = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const screens = new Set<ScreenName>();
  const openedBrowser: Browser = {
    async firstLook({ path, drawn, ...options }) {
      let seen: FirstLook | undefined;
      await openedBrowser.visit(options, async ({ page }) => {
        const answer = await page.goto(path);
        const text = await answer!.text();
        await page.locator(drawn).first().waitFor({ state: "attached" });
        seen = await lookedAt(page, text);
      });
      return seen!;
    },
    async visit({ key, phone = false }, journey) {
      const origin = urlOf();
      const viewport = phone ? PHONE : DESK;
      const context = await browser.newContext({ baseURL: origin, viewport, hasTouch: phone });
      try {
        if (key !== undefined) await signIn(context, key);
        const page = await context.newPage();
        page.setDefaultTimeout(60_000);
        const wrong: string[] = [];
        await watch(page, origin, wrong);
        const look = (name: string, part?: "main") => lookAt(page, { name, part, back: viewport, screens });
        const goThrough = (name: string) =>
          goThroughByTab(page, { name, widths: [DESK, PHONE], back: viewport });
        const readLarge = (name: string) => readLargeAt(page, name, viewport);
        await journey({ page, context, wrong, look, readLarge, goThrough });
        expect(wrong).toEqual([]);
      } catch (error) {
        throw await withWhatWasShown(error, context);
      } finally {
        await context.close();
      }
    },
    close: () => browser.close(),
  };
  return openedBrowser;
}

/** The error with what the journey's pages said when it came: what a look at the screen would tell, where nobody can. */
async function withWhatWasShown(error: unknown, context: BrowserContext): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  for (const page of context.pages()) {
    const shown = await page.locator("body").ariaSnapshot({ timeout: 5_000 }).catch(String);
    error.message += `\n\nThe page ${page.url()} was then:\n${shown.slice(0, MOST_SHOWN)}`;
  }
  return error;
}

interface Timing {
  readonly name: string;
  readonly entryType: "navigation" | "resource";
  readonly initiatorType: string;
  readonly transferSize: number;
}

/** What is asked for a second time, since it may have changed meanwhile, is not of the first look. */
async function lookedAt(page: Page, html: string): Promise<FirstLook> {
  const timings = await page.evaluate<readonly Timing[]>(
    `["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type)).map((one) => one.toJSON())`,
  );
  const first = new Map<string, Timing>();
  for (const one of timings) {
    const { pathname, search } = new URL(one.name);
    if (!first.has(pathname + search)) first.set(pathname + search, one);
  }
  const isNamed = (path: string, by: string) => html.includes(`href="${path}"`) && by !== "fetch";
  return {
    bytes: [...first.values()].reduce((sum, { transferSize }) => sum + transferSize, 0),
    asked: new Map(
      [...first]
        .filter(([, { entryType }]) => entryType === "resource")
        .map(([path, { initiatorType }]) => [path, isNamed(path, initiatorType) ? "named" : "not named"]),
    ),
  };
}

async function signIn(context: BrowserContext, key: string): Promise<void> {
  const answer = await context.request.post("/v1/session", { data: { key } });
  expect(answer.status()).toBe(200);
}

async function watch(page: Page, origin: string, wrong: string[]): Promise<void> {
  await page.exposeFunction("violated", (what: string) => void wrong.push(`policy: ${what}`));
  await page.addInitScript(
    `addEventListener("securitypolicyviolation", (event) => violated(event.violatedDirective + " " + event.blockedURI))`,
  );
  page.on("pageerror", (error) => void wrong.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A refusal that the page shows in words; Chromium notes each on its own.
    if (/^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())) return;
    if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "data:") wrong.push(`asked elsewhere: ${url.href}`);
  });
}

/** Each theme and each width once with all rules; with those that go by colours or widths the two other pairs. */
const VIEWS = [
  { colorScheme: "light", viewport: DESK, isWhole: true },
  { colorScheme: "dark", viewport: DESK, isWhole: false },
  { colorScheme: "dark", viewport: PHONE, isWhole: true },
  { colorScheme: "light", viewport: PHONE, isWhole: false },
] as const;
const BY_VIEW = ["color-contrast", "link-in-text-block", "target-size"];

interface LookedAt {
  readonly name: string;
  readonly part?: "main" | undefined;
  readonly back: typeof DESK;
  /** Those that were seen in all four pairs: once for each is enough. */
  readonly screens: Set<ScreenName>;
}

async function lookAt(page: Page, { name, part, back, screens }: LookedAt): Promise<void> {
  if (PICTURES !== undefined) await takePictures(page, `${PICTURES}/${name.replaceAll(/\W+/g, "-")}`);
  const { screen } = pageAt(new URL(page.url()).pathname);
  const isNew = !screens.has(screen);
  screens.add(screen);
  expect(await bareStates(page), `${name}: states without a sign or a word`).toEqual([]);
  for (const { colorScheme, viewport, isWhole } of VIEWS) {
    if (!isWhole && !isNew) continue;
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    const where = `${name}, ${colorScheme}, ${viewport.width} px`;
    const rules = isWhole ? { type: "tag", values: RULES } : { type: "rule", values: BY_VIEW };
    expect(await violations(page, part, rules), where).toEqual([]);
    const { wide, inner, moving } = await page.evaluate<Record<"wide" | "inner" | "moving", number>>(
      `({ wide: document.documentElement.scrollWidth, inner: innerWidth, moving: document.getAnimations().length })`,
    );
    expect(wide, `${where}: width of the page`).toBeLessThanOrEqual(inner);
    expect(moving, `${where}: moves, though nobody wants it to`).toBe(0);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize(back);
}

/** States that only their colour would tell. */
function bareStates(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll(".chip:not(.tag), .verdict, .strip > li, .wanted > li, .findings > li")]
      .filter((one) => one.textContent.trim() === "" ||
        !one.querySelector("svg.icon") && getComputedStyle(one, "::before").content === "none")
      .map((one) => one.outerHTML.slice(0, 200))`,
  );
}

/** As people set their browsers who read with difficulty: WCAG's text spacing on a phone, text of 200 % on a desk. */
const SPACED = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }`;
const [TEXT_PX, LARGE_TEXT_PX] = [16, 32];

async function readLargeAt(page: Page, name: string, back: typeof DESK): Promise<void> {
  await page.setViewportSize(PHONE);
  await page.evaluate(`{
    const spaced = new CSSStyleSheet();
    spaced.replaceSync(${JSON.stringify(SPACED)});
    document.adoptedStyleSheets.push(spaced);
  }`);
  expect(await cutOff(page), `${name}, with WCAG's text spacing`).toEqual([]);
  await page.evaluate("document.adoptedStyleSheets.pop()");
  await page.setViewportSize(DESK);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Page.setFontSizes", { fontSizes: { standard: LARGE_TEXT_PX } });
  expect(await cutOff(page), `${name}, with text of 200 %`).toEqual([]);
  await devtools.send("Page.setFontSizes", { fontSizes: { standard: TEXT_PX } });
  await devtools.detach();
  await page.setViewportSize(back);
}

/** What goes over the edge of the page, or of what hides what goes over its own; what is only heard is a pixel wide. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`{
    const hides = (overflow, inside, seen) => /hidden|clip/.test(overflow) && inside > seen + 1;
    const cut = [...document.querySelectorAll("main *, header *")].filter((one) => {
      const { overflowX, overflowY } = getComputedStyle(one);
      return one.clientWidth > 1 && (hides(overflowX, one.scrollWidth, one.clientWidth) ||
        hides(overflowY, one.scrollHeight, one.clientHeight));
    });
    const wide = document.documentElement.scrollWidth;
    [...(wide > innerWidth ? ["the page: " + wide] : []), ...cut.map((one) => one.outerHTML.slice(0, 200))];
  }`);
}

async function takePictures(page: Page, path: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const)
    for (const viewport of [DESK, PHONE]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      await page.screenshot({ path: `${path}-${colorScheme}-${viewport.width}.png`, fullPage: true });
    }
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function violations(
  page: Page,
  part: "main" | undefined,
  runOnly: { readonly type: string; readonly values: readonly string[] },
): Promise<string[]> {
  // A page is sent these half a million characters once.
  if (!(await page.evaluate<boolean>(`"axe" in globalThis`))) await page.evaluate(AXE);
  const found = await page.evaluate<readonly Violation[]>(
    `axe.run(document.querySelector("dialog:modal") ?? document${part === undefined ? "" : `.querySelector("${part}")`}, { runOnly: ${JSON.stringify(runOnly)}, resultTypes: ["violations"] })
       .then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
  );
}
