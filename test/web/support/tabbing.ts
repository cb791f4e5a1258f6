import type { Page } from "playwright-core";
import { expect } from "vitest";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of a screen: lists are long, and each line of one is like the others. */
const MOST_STOPS = 60;
const END = "the end";
const SEEN = "seen";

/** Goes through a screen by Tab, at each width: some of what has the focus is seen, and nothing keeps the focus. */
export async function goThroughByTab(
  page: Page,
  { name, widths, back }: { readonly name: string; readonly widths: readonly Size[]; readonly back: Size },
): Promise<void> {
  for (const viewport of widths) {
    await page.setViewportSize(viewport);
    await page.evaluate("document.activeElement.blur(), scrollTo(0, 0), (globalThis.stops = [])");
    const said: string[] = [];
    while (said.length < MOST_STOPS && said.at(-1) !== END) {
      await page.keyboard.press("Tab");
      said.push(await page.evaluate<string>(STOP));
    }
    const where = `${name}, ${viewport.width} px, by Tab`;
    expect(said.length, `${where}: stops`).toBeGreaterThan(1);
    expect(
      said.filter((one) => one !== SEEN && one !== END),
      where,
    ).toEqual([]);
  }
  await page.setViewportSize(back);
}

/** Where the focus is; of that, nine places are looked at. What stands around it or names it does not cover it. */
const STOP = `{
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const { left, right, top, bottom } = at.getBoundingClientRect();
  const [from, to] = [[Math.max(0, left), Math.max(0, top)], [Math.min(innerWidth, right), Math.min(innerHeight, bottom)]];
  const places = [0.1, 0.5, 0.9].flatMap((across) => [0.1, 0.5, 0.9].map((down) =>
    at.getRootNode().elementFromPoint(from[0] + across * (to[0] - from[0]), from[1] + down * (to[1] - from[1]))));
  const isSeen = to[0] > from[0] && to[1] > from[1] && places.some((one) => one !== null &&
    (at.contains(one) || one.contains(at) || [...(at.labels ?? [])].some((label) => label.contains(one))));
  const what = at.outerHTML.slice(0, 200);
  const isEnd = at === document.body || (stops.length > 1 && at === stops[0]);
  // Day, month, year and what opens a calendar are stops of their own.
  const isPart = /^date/.test(at.type) && at === stops.at(-1) && stops.filter((one) => one === at).length < 8;
  const isKept = stops.includes(at) && !isPart;
  stops.push(at);
  isEnd ? "${END}" : isKept ? "keeps it: " + what : isSeen ? "${SEEN}" : "covered: " + what;
}`;
