import { median } from "simple-statistics";
import type { Browser } from "playwright-core";
import { PROMPT } from "./server-world.ts";
import type { Row } from "./row.ts";
import type { At } from "./web.ts";

const KEYS = 60;
const TEXT_BYTES = 100_000;
const LINE = "Quote the policy where it helps, and never promise a date to anybody.\n";
/** Until the preview has what was typed, and until a key is painted, at worst; what Chromium does not report takes less. */
const [PREVIEW_MS, INTERACTION_MS, SHORTEST_MS] = [50, 200, 16];
/** All that a page does for a key. */
const KEY_MS = 16;

/** What a key takes in the editor, in a text of 100 kB. */
export async function typingRows(browser: Browser, at: At): Promise<Row[]> {
  const content = LINE.repeat(Math.ceil(TEXT_BYTES / LINE.length));
  const file = { model: "openai/gpt-5.4-mini", messages: [{ role: "system", content }] };
  const opened = await fetch(`${at.url}/v1/drafts`, {
    method: "POST",
    headers: { authorization: `Bearer ${at.key}`, "content-type": "application/json" },
    body: JSON.stringify({ prompt: PROMPT, base: null, file, values: {} }),
  });
  const { draftId } = (await opened.json()) as { readonly draftId?: string };
  if (draftId === undefined) throw new Error(`the draft was answered ${opened.status}`);
  const context = await browser.newContext({ baseURL: at.url });
  try {
    await context.request.post("/v1/session", { data: { key: at.key } });
    const page = await context.newPage();
    await page.addInitScript(`
      globalThis.painted = [];
      globalThis.previewed = [];
      addEventListener("keydown", ({ timeStamp }) => { globalThis.pressed = timeStamp; }, { capture: true });
      new PerformanceObserver((list) => {
        for (const { name, duration } of list.getEntries()) if (name === "keydown") painted.push(duration);
      }).observe({ type: "event", durationThreshold: ${SHORTEST_MS} });`);
    await page.goto(`/p/${PROMPT}/~edit?draft=${draftId}`);
    await page.locator(".cm-content").first().waitFor();
    await page.getByRole("list", { name: "What the model gets" }).waitFor();
    await page.evaluate(`new MutationObserver(() => {
      if (globalThis.pressed === undefined) return;
      previewed.push(performance.now() - pressed);
      globalThis.pressed = undefined;
    }).observe(document.querySelector("[aria-label='What the model gets']"), { subtree: true, childList: true, characterData: true })`);
    await page.getByRole("textbox", { name: "Text of message 1" }).focus();
    await page.keyboard.press("Control+End");
    const devtools = await context.newCDPSession(page);
    await devtools.send("Performance.enable");
    const busy = async () => {
      const { metrics } = await devtools.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")!.value * 1_000;
    };
    const before = await busy();
    await page.keyboard.type("x".repeat(KEYS), { delay: 150 });
    const work = ((await busy()) - before) / KEYS;
    const { painted, previewed } =
      await page.evaluate<Record<"painted" | "previewed", number[]>>("({ painted, previewed })");
    const row = (work: string, ours: number, goal: number): Row => ({
      peer: null,
      peerName: null,
      limit: null,
      ratio: null,
      work: `typing in ${TEXT_BYTES / 1_000} kB: ${work}`,
      ours,
      unit: "ms",
      goal,
      met: ours <= goal,
      runs: KEYS,
    });
    if (previewed.length < KEYS / 2)
      throw new Error(`the preview followed ${previewed.length} of ${KEYS} keys`);
    return [
      row("until the preview has it", median(previewed), PREVIEW_MS),
      row("what the page does for a key, on average", work, KEY_MS),
      row("until it is painted, at worst", Math.max(SHORTEST_MS, ...painted), INTERACTION_MS),
    ];
  } finally {
    await context.close();
  }
}
