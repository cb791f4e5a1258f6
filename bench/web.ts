import { median } from "simple-statistics";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
// @ts-expect-error A script without types.
import { ensureChromium } from "../scripts/ensure-chromium.mjs";
import type { Bench, Row } from "./row.ts";
import { openServerWorld, PROMPT } from "./server-world.ts";
import { liveRows } from "./web-live.ts";
import { slowRows } from "./web-slow.ts";
import { typingRows } from "./web-typing.ts";
import { COUNTS, fillStore } from "./web-world.ts";

const ROUNDS = 7;
/** Of a first page, in ms: what the server takes, and what a browser takes to show it. */
const [ANSWER_MS, FIRST_PAINT_MS] = [300, 500];
/** All that a browser is sent for a first look at a page, gzipped. */
const MOST_KB = 60;
/** Of everything that moves by itself while a page comes to be. */
const MOST_SHIFT = 0.01;

/**
 * The dashboard on a large installation: what the requests behind its pages take, and what its pages weigh and take in a
 * real browser, nothing cached.
 */
export const run: Bench = async ({ progress }) => {
  progress("starting a Postgres and a server");
  const world = await openServerWorld();
  const executablePath = await (ensureChromium as (say: typeof progress) => Promise<string>)(progress);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const { rolloutId } = await fillStore(world, progress);
    const at = { url: world.server.url, key: world.key };
    progress("asking");
    const rows: Row[] = [];
    for (const [work, path] of requestsOf(rolloutId)) rows.push(await answerRow(work, path, at));
    progress("looking");
    for (const [work, path] of pagesOf(rolloutId)) rows.push(...(await pageRows(browser, work, path, at)));
    progress("looking on a slow phone");
    rows.push(...(await slowRows(browser, { work: "Home", path: "/" }, at)));
    const rollout = { work: "a rollout", path: `/rollouts/${rolloutId}`, picture: ".chart .estimate" };
    rows.push(...(await slowRows(browser, rollout, at)));
    progress("following");
    rows.push(...(await liveRows(browser, at)));
    progress("typing");
    rows.push(...(await typingRows(browser, at)));
    return rows;
  } finally {
    await browser.close();
    await world.close();
  }
};

export interface At {
  readonly url: string;
  readonly key: string;
}

const many = (count: number) => count.toLocaleString("en");

function requestsOf(rolloutId: string): readonly (readonly [string, string])[] {
  const versions = `/v1/prompts/${PROMPT}/versions?limit=50`;
  return [
    ["Home", "/v1/overview"],
    [`a page of ${many(COUNTS.prompts)} prompts`, "/v1/prompts?limit=50"],
    ["the same, by a few letters", "/v1/prompts?limit=50&q=prompt-77"],
    [`a page of ${many(COUNTS.versions)} versions`, versions],
    ["a page in the middle of them", `${versions}&cursor=5000`],
    ["one prompt, whole", `/v1/overview?prompt=${PROMPT}`],
    [`a page of ${many(COUNTS.rollouts)} rollouts`, "/v1/rollouts?limit=50"],
    [`a page of ${many(COUNTS.audit)} entries`, "/v1/audit?limit=50"],
    ["those of one prompt", `/v1/audit?limit=50&prompt=${PROMPT}`],
    ["those of one person", "/v1/audit?limit=50&actor=person-7"],
    ["those of a person that there is not", "/v1/audit?limit=50&actor=nobody"],
    ["those of one kind, which is rare", "/v1/audit?limit=50&action=rolled_back"],
    ["those of a kind that there is not", "/v1/audit?limit=50&action=key_revoked"],
    [
      "what was live at a moment, of one prompt",
      `/v1/pointers/past?at=2026-01-01T00:00:00Z&prompt=${PROMPT}`,
    ],
    [`a rollout of ${many(COUNTS.looks)} looks`, `/v1/rollouts/${rolloutId}`],
    ["its picture", `/v1/rollouts/${rolloutId}/curve?points=120`],
  ];
}

function pagesOf(rolloutId: string): readonly (readonly [string, string])[] {
  return [
    ["Home", "/"],
    ["a prompt", `/p/${PROMPT}`],
    ["a rollout", `/rollouts/${rolloutId}`],
    ["the audit log", "/audit"],
  ];
}

const ROW = { peer: null, peerName: null, limit: null, ratio: null } as const;

async function answerRow(work: string, path: string, { url, key }: At): Promise<Row> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${text}`);
    times.push(performance.now() - began);
  }
  const ours = median(times);
  return {
    ...ROW,
    work: `asked for: ${work}`,
    ours,
    unit: "ms",
    goal: ANSWER_MS,
    met: ours <= ANSWER_MS,
    runs: ROUNDS,
  };
}

interface Seen {
  readonly paint: number;
  readonly bytes: number;
  readonly shift: number;
}

async function pageRows(browser: Browser, work: string, path: string, at: At): Promise<Row[]> {
  const seen: Seen[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ baseURL: at.url });
    try {
      await context.request.post("/v1/session", { data: { key: at.key } });
      seen.push(await look(context, path));
    } finally {
      await context.close();
    }
  }
  const rowOf = (what: string, unit: string, goal: number, of: (one: Seen) => number): Row => {
    const ours = median(seen.map(of));
    return { ...ROW, work: `${work}: ${what}`, ours, unit, goal, met: ours <= goal, runs: ROUNDS };
  };
  return [
    rowOf("first paint", "ms", FIRST_PAINT_MS, ({ paint }) => paint),
    rowOf("sent", "kB", MOST_KB, ({ bytes }) => bytes / 1_000),
    rowOf("layout shift", "", MOST_SHIFT, ({ shift }) => shift),
  ];
}

/** A page as somebody sees it for the first time, until all of it is there. */
async function look(context: BrowserContext, path: string): Promise<Seen> {
  const page = await context.newPage();
  await page.addInitScript(`
    globalThis.shifted = 0;
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifted += value;
    }).observe({ type: "layout-shift", buffered: true });`);
  await page.goto(path);
  await page.locator("main h1").waitFor();
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
  return page.evaluate<Seen>(`({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity,
    bytes: [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
      .reduce((sum, { transferSize }) => sum + transferSize, 0),
    shift: shifted,
  })`);
}
