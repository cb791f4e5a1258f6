import { quantileSorted } from "simple-statistics";
import type { Browser } from "playwright-core";
import type { Row } from "./row.ts";
import { PROMPT, type ServerWorld } from "./server-world.ts";
import type { At } from "./web.ts";

const MOVES = 20;
/** A page is drawn anew once a second at most: moves come a little less often. */
const APART_MS = 1_300;
const DRAWN_MS = 1_000;

/** From when a label was made to serve another version until a page that is open shows it. */
export async function liveRows(
  browser: Browser,
  at: At,
  { query }: Pick<ServerWorld, "query">,
): Promise<Row[]> {
  const [pointer] = await query(
    "select revision from sluice.pointers where prompt = $1 and label = 'production' and model = '' and tenant = ''",
    [PROMPT],
  );
  let revision = Number(pointer!["revision"]);
  const context = await browser.newContext({ baseURL: at.url });
  try {
    await context.request.post("/v1/session", { data: { key: at.key } });
    const page = await context.newPage();
    await page.goto(`/p/${PROMPT}`);
    await page.getByText("is live in production.").waitFor();
    const took: number[] = [];
    for (let move = 0; move < MOVES; move++) {
      await page.waitForTimeout(APART_MS);
      const version = 2 + move;
      const drawn = page.evaluate<number>(`new Promise((settle) => {
        const observer = new MutationObserver(() => {
          if (!document.querySelector("main").textContent.includes("@${version} is live in production.")) return;
          observer.disconnect();
          requestAnimationFrame(() => settle(performance.timeOrigin + performance.now()));
        });
        observer.observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
      })`);
      const began = performance.timeOrigin + performance.now();
      const [shown] = await Promise.all([drawn, serve(at, version, revision++)]);
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

async function serve({ url, key }: At, version: number, expectedRevision: number): Promise<void> {
  const answer = await fetch(`${url}/v1/prompts/${PROMPT}/labels`, {
    method: "PUT",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ label: "production", version, expectedRevision, reason: "bench", force: true }),
  });
  if (!answer.ok) throw new Error(`the move was answered ${answer.status}: ${await answer.text()}`);
}
