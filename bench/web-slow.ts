import { median } from "simple-statistics";
import type { Browser } from "playwright-core";
import type { Row } from "./row.ts";
import type { At } from "./web.ts";

const ROUNDS = 5;
/** A phone on a bad line: a quarter of the processor, 1.6 Mbit/s, 150 ms to the server. */
const CPU_TIMES = 4;
const LINE = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 95_000 };
const [FIRST_PAINT_MS, PICTURE_MS] = [1_200, 1_800];

/** What it takes on a slow line and a slow processor until a page is seen, and until its picture is; nothing cached. */
export async function slowRows(
  browser: Browser,
  { work, path, picture }: { readonly work: string; readonly path: string; readonly picture?: string },
  at: At,
): Promise<Row[]> {
  const seen: { readonly paint: number; readonly drawn: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ baseURL: at.url });
    try {
      await context.request.post("/v1/session", { data: { key: at.key } });
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send("Network.enable");
      await devtools.send("Network.emulateNetworkConditions", LINE);
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_TIMES });
      await page.goto(path, { waitUntil: "commit" });
      await page
        .locator(picture ?? "main h2")
        .first()
        .waitFor({ state: "attached" });
      seen.push(
        await page.evaluate<(typeof seen)[number]>(`({
          drawn: performance.now(),
          paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity,
        })`),
      );
    } finally {
      await context.close();
    }
  }
  const row = (what: string, goal: number, of: (one: (typeof seen)[number]) => number): Row => {
    const ours = median(seen.map(of));
    return {
      peer: null,
      peerName: null,
      limit: null,
      ratio: null,
      work: `${work}, a slow phone: ${what}`,
      ours,
      unit: "ms",
      goal,
      met: ours <= goal,
      runs: ROUNDS,
    };
  };
  return [
    row("first paint", FIRST_PAINT_MS, ({ paint }) => paint),
    ...(picture === undefined ? [] : [row("its picture", PICTURE_MS, ({ drawn }) => drawn)]),
  ];
}
