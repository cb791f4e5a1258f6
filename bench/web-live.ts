import { quantileSorted } from "simple-statistics";
import type { Browser } from "playwright-core";
import type { Row } from "./row.ts";
import type { At } from "./web.ts";

/** One of its own: what is recorded of the others was made up. */
const PROMPT = "bench/live";
const MOVES = 20;
/** A page is drawn anew once a second at most: moves come a little less often. */
const APART_MS = 1_300;
const DRAWN_MS = 1_000;

/** From when a label is made to serve another version until a page that is open shows it. */
export async function liveRows(browser: Browser, at: At): Promise<Row[]> {
  for (const manner of ["polite", "brief"]) {
    const messages = [{ role: "system", content: `Be ${manner}.` }];
    await ask(at, "POST", "versions", { file: { model: "openai/gpt-5.4-mini", messages }, message: manner });
  }
  await serve(at, 1, 0);
  const context = await browser.newContext({ baseURL: at.url });
  try {
    await context.request.post("/v1/session", { data: { key: at.key } });
    const page = await context.newPage();
    await page.goto(`/p/${PROMPT}`);
    await page.getByText("@1 is live in production.").waitFor();
    const took: number[] = [];
    for (let move = 1; move <= MOVES; move++) {
      await page.waitForTimeout(APART_MS);
      const version = 1 + (move % 2);
      const drawn = page.evaluate<number>(`new Promise((settle) => {
        const main = document.querySelector("main");
        const observer = new MutationObserver(() => {
          if (!main.textContent.includes("@${version} is live in production.")) return;
          observer.disconnect();
          requestAnimationFrame(() => settle(performance.timeOrigin + performance.now()));
        });
        observer.observe(main, { subtree: true, childList: true, characterData: true });
      })`);
      const began = performance.timeOrigin + performance.now();
      const [shown] = await Promise.all([drawn, serve(at, version, move)]);
      took.push(shown - began);
    }
    const ours = quantileSorted(
      took.toSorted((a, b) => a - b),
      0.95,
    );
    return [
      {
        peer: null,
        peerName: null,
        limit: null,
        ratio: null,
        work: "a label is moved: until an open page shows it, p95",
        ours,
        unit: "ms",
        goal: DRAWN_MS,
        met: ours <= DRAWN_MS,
        runs: MOVES,
      },
    ];
  } finally {
    await context.close();
  }
}

function serve(at: At, version: number, expectedRevision: number): Promise<void> {
  return ask(at, "PUT", "labels", {
    label: "production",
    version,
    expectedRevision,
    reason: "bench",
    force: true,
  });
}

async function ask({ url, key }: At, method: string, what: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}/v1/prompts/${encodeURIComponent(PROMPT)}/${what}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${what} was answered ${answer.status}: ${await answer.text()}`);
}
