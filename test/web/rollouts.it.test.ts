import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Page } from "playwright-core";
import { unitDigest } from "../../src/digest.ts";
import { findPointer } from "../../src/storage/read/pointer.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { readAudit } from "../../src/storage/read/audit.ts";
import { ENDLESS_CANARY } from "../server/support/endless-canary.ts";
import { openRolloutServer, type RolloutServer } from "../server/support/rollout-server.ts";
import type { Opinion } from "../support/simulate-traffic.ts";
import type { RolloutCurve } from "../../src/domain/shapes/curve.ts";
import { drawnCurves } from "../../src/web/screens/rollout/drawn-curve.ts";
import { type Browser, openBrowser } from "./support/browser.ts";

const STEPS = { stages: [{ share: "25%", for: "2s" }, { share: "50%" }], interval: "100ms", lease: "30s" };
const POLICY = {
  metrics: {
    rating: { window: "100ms", unit: "stars" },
    latency_ms: { window: "100ms" },
    error: { kind: "rare", window: "100ms" },
  },
  canary: {
    ...STEPS,
    min_units: 40,
    max_units: 4_000,
    max_duration: "60s",
    goal: { metric: "rating", direction: "higher", claim: "non_inferior", margin: 0.3 },
    guardrails: [
      { metric: "latency_ms", direction: "lower", margin: "20%" },
      { metric: "error", direction: "lower", tolerated_increase: "10pp" },
    ],
    fuses: [{ metric: "error", above: 0.5 }],
  },
};
const opinion =
  (candidate: number): Opinion =>
  (arm, draw) => ({
    rating: (arm === "candidate" ? candidate : 3.9) + 2 * draw() - 1,
    latency_ms: 800 + 200 * draw(),
    error: 0,
  });

let server: RolloutServer;
let browser: Browser;
const keys = new Map<string, string>();
const people = { ann: "admin", rea: "releaser", ron: "releaser", ed: "editor", vic: "viewer" } as const;
type Person = keyof typeof people;
const as = (person: Person) => ({ key: keys.get(person)! });

beforeAll(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  await server.bench.push(3, 4, 5);
  server.bench.startWorker();
  for (const [owner, role] of Object.entries(people)) keys.set(owner, await server.key({ role, owner }));
  browser = await openBrowser(() => server.url);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function start(version: number, policy: object, by: Person = "rea"): Promise<string> {
  const { prompt } = server.bench;
  const { body } = await server.post("/v1/rollouts", keys.get(by)!, { prompt, version, policy, again: true });
  return body.rolloutId as string;
}
const headline = (page: Page) => page.locator(".headline");
const act = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
async function confirm(page: Page, name: string, why: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why?").fill(why);
  await dialog.getByRole("button", { name, exact: true }).click();
  await dialog.getByRole("status").waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
}

/** What the picture of the goal says at each look, beside what was decided there. */
async function drawn(rolloutId: string) {
  const found: RolloutCurve = (
    await server.get(`/v1/rollouts/${rolloutId}/curve?points=1000`, keys.get("vic")!)
  ).body;
  const [goal] = drawnCurves(found, {
    setting: { names: {}, users: "users" },
    axis: "time",
    time: (iso) => iso,
  });
  const { best, harmLine, worst, claimLine } = goal!.curve;
  const isPast = (edge: number | null | undefined, line: number | null | undefined) =>
    typeof edge === "number" && typeof line === "number" && edge > line;
  return found.verdict.map((verdict, at) => ({
    verdict,
    isHarm: isPast(harmLine[at], best[at]),
    isGoodEnough: isPast(worst[at], claimLine[at]),
  }));
}

describe("the page of a rollout", () => {
  it("A worse version is rolled back by itself: the page's best-case edge crosses the limit at the very look that decides, the headline says “Rolled back” with the number of users, and nobody pressed anything.", () =>
    browser.visit(as("vic"), async ({ page, look }) => {
      const id = await start(2, POLICY);
      await page.goto("/");
      await page.getByRole("link", { name: `${server.bench.prompt}@2` }).click();
      await headline(page).filter({ hasText: "Being tried by 25 % of users" }).waitFor();
      await page.evaluate("globalThis.notReloaded = true");
      await page.getByRole("button", { name: "vic" }).focus();
      const stop = new AbortController();
      const users = server.bench.traffic(opinion(3.2), stop.signal);
      try {
        await headline(page).filter({ hasText: "Rolled back" }).waitFor();
        await server.bench.until(id, ({ outcome }) => outcome === "rolled_back", "the end");
      } finally {
        stop.abort();
        await users;
      }
      await page
        .getByText(/rate it worse/)
        .or(page.getByText(/Rating/).first())
        .first()
        .waitFor();
      expect(await page.evaluate("globalThis.notReloaded")).toBe(true);
      expect(await page.locator(":focus").textContent()).toContain("vic");
      expect(await page.locator(".verdict").textContent()).toMatch(/\d+ users had seen it/);
      // From how many of the users ratings came is a share, whatever they are counted in.
      await page.getByRole("row", { name: /^Rating arrivals (?:\d\S* % ){2}/ }).waitFor();
      await page.getByRole("heading", { name: "Is it better? Rating" }).waitFor();
      const looks = await drawn(id);
      // What is drawn crosses the line at the very look that decides, and at no other.
      expect(looks.at(-1)).toMatchObject({ verdict: "harm", isHarm: true });
      expect(looks.filter(({ isHarm }) => isHarm).length).toBe(1);
      const scrubber = page.getByRole("slider", { name: "Rating: look" });
      await scrubber.focus();
      await page.keyboard.press("Home");
      await page.keyboard.press("End");
      expect(await scrubber.getAttribute("aria-valuetext")).toMatch(/difference −\S+ stars/);
      await look("rollout, rolled back");
    }));

  it("Two approvers needed: after the first the page says who is missing; the second releases; a “no” ends it.", () =>
    browser.visit(as("rea"), async ({ page, look }) => {
      const approval = { before: ["canary"], approvers: 2, timeout: "7d" };
      const refused = await start(3, { ...ENDLESS_CANARY, approval }, "ann");
      await page.goto(`/rollouts/${refused}`);
      await act(page, "Approve").click();
      await confirm(page, "Approve", "");
      await page.getByText("One more person has to agree").waitFor();
      await browser.visit(as("ron"), async (ron) => {
        await ron.page.goto(`/rollouts/${refused}`);
        await act(ron.page, "Turn down…").click();
        await confirm(ron.page, "Turn down", "not before the fair");
      });
      await headline(page).filter({ hasText: "Turned down by ron" }).waitFor();
      await start(3, { ...ENDLESS_CANARY, approval }, "ann");
      await page.goto("/");
      await page.getByRole("link", { name: "Look and decide" }).waitFor();
      await look("home, somebody is needed");
      expect(await page.title()).toMatch(/^\(1\)/);
      await page.getByRole("link", { name: "Look and decide" }).click();
      await headline(page).filter({ hasText: "Waiting for a yes" }).waitFor();
      await look("rollout, waiting");
      await act(page, "Approve").click();
      await look("approve");
      await confirm(page, "Approve", "reads well");
      await page.getByText("One more person has to agree").waitFor();
      await browser.visit(as("ron"), async (ron) => {
        await ron.page.goto(page.url());
        await act(ron.page, "Approve").click();
        await confirm(ron.page, "Approve", "");
      });
      await headline(page).filter({ hasText: "Being tried by 5 % of users" }).waitFor();
    }));

  it("The author cannot approve her own version: the button is there, says why, and the server refuses it too.", () =>
    browser.visit(as("rea"), async ({ page, look }) => {
      const prompt = "shop/greeting";
      const written = async (text: string) => {
        const file = { model: "openai/gpt-5.4-mini", messages: [{ role: "user", content: text }] };
        const path = `/v1/prompts/${encodeURIComponent(prompt)}/versions`;
        expect((await server.post(path, keys.get("rea")!, { file, message: text })).status).toBeLessThan(300);
      };
      await written("Hello.");
      await written("Good day.");
      const approval = { before: ["canary"], distinct_author: true, timeout: "7d" };
      const policy = { ...ENDLESS_CANARY, approval };
      await server.put(`/v1/prompts/${encodeURIComponent(prompt)}/labels`, keys.get("ann")!, {
        label: "production",
        version: 1,
        expectedRevision: 0,
        reason: "the first",
        force: true,
      });
      const { body } = await server.post("/v1/rollouts", keys.get("ann")!, { prompt, version: 2, policy });
      const id = body.rolloutId as string;
      await page.goto(`/rollouts/${id}`);
      await headline(page).filter({ hasText: "Waiting for a yes" }).waitFor();
      expect(await act(page, "Approve").getAttribute("aria-disabled")).toBe("true");
      await page
        .getByText(/wrote|author/)
        .first()
        .waitFor();
      await look("rollout, its author looks");
      await act(page, "Approve").click({ force: true });
      expect(await page.getByRole("dialog").count()).toBe(0);
      const { status } = await server.post(`/v1/rollouts/${id}/approve`, keys.get("rea")!, {});
      expect(status).toBeGreaterThanOrEqual(400);
      await server.post(`/v1/rollouts/${id}/abort`, keys.get("ann")!, { reason: "seen" });
    }));

  it("A viewer sees every page, no act works, and each says whom to ask; a hand-made request is refused by the server.", () =>
    browser.visit(as("vic"), async ({ page, look }) => {
      await page.goto("/rollouts?state=running");
      await look("rollouts");
      await page.getByRole("link", { name: `${server.bench.prompt}@3` }).click();
      const pause = act(page, "Pause");
      await pause.waitFor();
      expect(await pause.getAttribute("aria-disabled")).toBe("true");
      await pause.click({ force: true });
      expect(await page.getByRole("dialog").count()).toBe(0);
      await page
        .getByText(/editor/)
        .first()
        .waitFor();
      await look("rollout, for a viewer");
      const id = new URL(page.url()).pathname.split("/").at(-1);
      expect((await server.post(`/v1/rollouts/${id}/pause`, keys.get("vic")!)).status).toBe(403);
    }));

  it("Pausing, going on, releasing now and stopping each ask why, and the reason is in the audit log word for word.", () =>
    browser.visit(as("ed"), async ({ page }) => {
      await page.goto("/rollouts?state=running");
      await page.getByRole("link", { name: `${server.bench.prompt}@3` }).click();
      await act(page, "Pause").click();
      await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
      await page.getByRole("alert").filter({ hasText: "Say why" }).waitFor();
      await confirm(page, "Pause", "the shop is closed on “Sunday”");
      await headline(page).filter({ hasText: "Paused by ed" }).waitFor();
      await act(page, "Go on").click();
      await confirm(page, "Go on", "it is open again");
      await headline(page).filter({ hasText: "Being tried by" }).waitFor();
      await act(page, "Stop…").click();
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.locator("button:focus", { hasText: "Stop…" }).waitFor();
      await act(page, "Stop…").click();
      await confirm(page, "Stop", "a typo in the greeting");
      await headline(page).filter({ hasText: "Stopped by ed" }).waitFor();
      const rolloutId = new URL(page.url()).pathname.split("/").at(-1)!;
      const said = (await readAudit(server.bench.db, { rolloutId })).map(({ reason }) => reason);
      for (const why of ["the shop is closed on “Sunday”", "it is open again", "a typo in the greeting"])
        expect(said.join("\n")).toContain(why);
      const released = await start(3, ENDLESS_CANARY);
      const stop = new AbortController();
      const users = server.bench.traffic(opinion(4), stop.signal);
      try {
        await server.bench.until(released, ({ units }) => units.candidate > 60, "enough users");
        await browser.visit(as("rea"), async ({ page: ofRea, look }) => {
          await ofRea.goto(`/rollouts/${released}`);
          await act(ofRea, "Release now…").click();
          await ofRea.getByLabel(/^Type/).fill(`${server.bench.prompt}@3`);
          await look("release now");
          await confirm(ofRea, "Release now", "the fair opens at noon");
          await headline(ofRea).filter({ hasText: "Released by hand" }).waitFor();
        });
        const [asked] = (await readAudit(server.bench.db, { rolloutId: released })).filter(
          ({ action }) => action === "promote_requested",
        );
        expect(asked?.reason).toBe("the fair opens at noon");
        const undone = { prompt: server.bench.prompt, label: "production", reason: "as before" };
        await server.post("/v1/rollbacks", keys.get("rea")!, undone);
      } finally {
        stop.abort();
        await users;
      }
    }));

  it("On a phone, an engineer rolls a promoted version back in three presses and sees all services confirm.", async () => {
    const resolver = await createResolver({ source: server.bench.databaseUrl });
    const { prompt } = server.bench;
    const stop = new AbortController();
    const id = await start(4, POLICY);
    const users = server.bench.traffic(opinion(4.3), stop.signal);
    try {
      await server.bench.until(id, ({ outcome }) => outcome === "promoted", "promoted");
      await resolver.resolve({ prompt, unit: "user-1" });
      await browser.visit({ ...as("ed"), phone: true }, async ({ page, look }) => {
        await page.goto(`/rollouts/${id}`);
        await headline(page).filter({ hasText: "Released to everybody" }).waitFor();
        await page.getByRole("heading", { name: "Is it better? Rating" }).waitFor();
        const looks = await drawn(id);
        expect(looks.some(({ isHarm }) => isHarm)).toBe(false);
        expect(looks.at(-1)).toMatchObject({ verdict: "promote", isGoodEnough: true });
        await look("rollout, released");
        await act(page, "Roll back…").tap();
        await page.getByLabel("Why?").fill("angry mails");
        await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).tap();
        await page.getByText("Rolled back.").waitFor();
        await page.getByText(/1 service has it/).waitFor();
        await look("rolled back, confirmed");
        await page.getByRole("button", { name: "Close" }).tap();
      });
      expect((await resolver.resolve({ prompt, unit: "user-1" })).version).toBe(1);
    } finally {
      stop.abort();
      await users;
      await resolver.close();
    }
  });

  it("Approving something that has moved meanwhile is answered with what has changed, and nothing happens.", () =>
    browser.visit(as("ron"), async ({ page, look }) => {
      const id = await start(
        5,
        { ...ENDLESS_CANARY, approval: { before: ["canary"], timeout: "7d" } },
        "ann",
      );
      await page.goto(`/rollouts/${id}`);
      await act(page, "Approve").click();
      await page.getByLabel("Why?").fill("reads well");
      // As the dialog stands open somebody else turns it down.
      await server.post(`/v1/rollouts/${id}/reject`, keys.get("rea")!, { comment: "not on a Friday" });
      await server.bench.until(id, ({ outcome }) => outcome === "rejected", "turned down");
      await page.getByRole("dialog").getByRole("button", { name: "Approve", exact: true }).click();
      await page
        .getByRole("alert")
        .filter({ hasText: /has changed|has ended|rejected/ })
        .waitFor();
      await look("approve, moved meanwhile");
      const { approvals } = (await server.get(`/v1/rollouts/${id}/record`, keys.get("vic")!)).body;
      expect(approvals).toMatchObject([{ decision: "reject" }]);
    }));

  it("Uneven groups put it on hold, Home lists it under “Needs you”, and the sentence names both counts.", () =>
    browser.visit(as("rea"), async ({ page, look }) => {
      const id = await start(5, { ...POLICY, canary: { ...POLICY.canary, max_duration: "20m" } });
      await server.bench.until(id, ({ stage }) => stage > 0, "the first stage");
      await unevenly(305, 410);
      await page.goto(`/rollouts/${id}`);
      await headline(page).filter({ hasText: "On hold" }).waitFor();
      await page
        .getByText(/305 and 410 users where equal numbers were expected/)
        .first()
        .waitFor();
      await look("rollout, uneven");
      await page.goto("/");
      await page.getByRole("list").getByText(/305/).first().waitFor();
      await server.post(`/v1/rollouts/${id}/abort`, keys.get("rea")!, { reason: "the split is off" });
      await server.bench.until(id, ({ outcome }) => outcome !== null, "the end");
    }));

  it("No data: after the longest time it ends “Nothing was measured”; it never says “fine”.", () =>
    browser.visit(as("vic"), async ({ page, look }) => {
      const id = await start(5, {
        ...POLICY,
        canary: { ...POLICY.canary, stages: [{ share: "50%" }], max_duration: "3s" },
      });
      await page.goto(`/rollouts/${id}`);
      await headline(page).filter({ hasText: "Nothing was measured" }).waitFor();
      expect(await page.locator("main").textContent()).not.toMatch(/Good enough|Better\./);
      await look("rollout, nothing measured");
    }));

  it("Twelve tabs stay live; a hidden one catches up when looked at.", () =>
    browser.visit(as("vic"), async ({ page, context }) => {
      const id = await start(5, ENDLESS_CANARY);
      await server.bench.until(id, ({ stage }) => stage > 0, "the first stage");
      const tabs = [page, ...(await Promise.all(Array.from({ length: 11 }, () => context.newPage())))];
      for (const [index, tab] of tabs.entries()) {
        await tab.goto(`/rollouts/${id}`);
        await headline(tab).filter({ hasText: "Being tried by" }).waitFor();
        // Whoever opens the next one looks away from this one: for a browser without a window that has to be said.
        if (index < tabs.length - 1) await hide(tab, true);
      }
      const last = tabs.at(-1)!;
      await last.getByRole("link", { name: "Audit", exact: true }).focus();
      await server.post(`/v1/rollouts/${id}/pause`, keys.get("ed")!, { reason: "lunch" });
      await headline(last).filter({ hasText: "Paused by ed" }).waitFor();
      expect(await last.locator(":focus").textContent()).toBe("Audit");
      await hide(tabs[3]!, false);
      await headline(tabs[3]!).filter({ hasText: "Paused by ed" }).waitFor();
      await server.post(`/v1/rollouts/${id}/abort`, keys.get("rea")!, { reason: "seen" });
      await headline(last).filter({ hasText: "Stopped by rea" }).waitFor();
    }));

  it(
    "A rollout that is watched for a minute of fast looks neither leaks nor jumps: the focused element stays focused.",
    { tags: "long" },
    async () => {
      expect(await watchFastLooks({ first: 15, before: 5, after: 60 })).toBeLessThan(1.1);
    },
  );

  it("keeps no more of the looks that it has drawn, and the focus, while it is watched for some seconds", async () => {
    expect(await watchFastLooks({ first: 3, before: 2, after: 6 })).toBeLessThan(1.1);
  });
});

/**
 * So many drawings of new looks until the page has all its parts, then those that are compared: gives how many times
 * what it kept, bytes or elements, it has come to keep.
 */
async function watchFastLooks({
  first,
  before,
  after,
}: Record<"first" | "before" | "after", number>): Promise<number> {
  let grown = Infinity;
  await browser.visit(as("vic"), async ({ page, context }) => {
    const canary = { ...ENDLESS_CANARY.canary, interval: "100ms" };
    const id = await start(5, { ...ENDLESS_CANARY, canary });
    await server.bench.until(id, ({ stage }) => stage > 0, "the first stage");
    await page.goto(`/rollouts/${id}`);
    await headline(page).filter({ hasText: "Being tried by" }).waitFor();
    const devtools = await context.newCDPSession(page);
    const status = (url: string) => url.endsWith(`/v1/rollouts/${id}`);
    const counted = async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      const { usedSize } = (await devtools.send("Runtime.getHeapUsage")) as { usedSize: number };
      const { nodes } = (await devtools.send("Memory.getDOMCounters")) as { nodes: number };
      return { usedSize, nodes };
    };
    /**
     * So many drawings, and what the page keeps after them: bytes, and elements that it has or had. While a picture is
     * drawn, its old elements stand beside its new ones: so nobody looks, and it is counted until it changes no more.
     */
    const follow = async (drawings: number) => {
      for (let drawn = 0; drawn < drawings; drawn++)
        await page.waitForResponse((answer) => status(answer.url()));
      await hide(page, true);
      const counts = [await counted(), await counted(), await counted()];
      while (new Set(counts.slice(-3).map(({ nodes }) => nodes)).size > 1) counts.push(await counted());
      await hide(page, false);
      return counts.at(-1)!;
    };
    const stop = new AbortController();
    const users = server.bench.traffic(opinion(3.9), stop.signal);
    try {
      await page.getByRole("heading", { name: /^Is it better/ }).waitFor();
      await page.getByRole("link", { name: "In the audit log" }).focus();
      await follow(first);
      const early = await follow(before);
      const late = await follow(after);
      grown = Math.max(late.usedSize / early.usedSize, late.nodes / early.nodes);
      expect(await page.locator(":focus").textContent()).toBe("In the audit log");
    } finally {
      stop.abort();
      await users;
      await server.post(`/v1/rollouts/${id}/abort`, keys.get("rea")!, { reason: "seen" });
    }
  });
  return grown;
}

/** As a browser does with a tab that somebody looks away from, or comes back to. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, "hidden", { configurable: true, value: ${isHidden} });
     document.dispatchEvent(new Event("visibilitychange"))`,
  );
}

/** So many users of the new version and of the current one, each with a rating. */
async function unevenly(candidate: number, control: number): Promise<void> {
  const { db, scope } = server.bench;
  const pointer = (await findPointer(db, scope))!;
  const units = [
    ...Array.from({ length: candidate }, () => "candidate" as const),
    ...Array.from({ length: control }, () => "control" as const),
  ].map((arm) => ({ arm, unit: unitDigest(undefined, randomUUID()) }));
  const batch = {
    exposures: units.map((one) => ({ ...one, rollout: pointer.rollout_id, epoch: pointer.epoch })),
    outcomes: units.map(({ arm, unit }, index) => ({
      id: randomUUID(),
      version: arm === "candidate" ? pointer.candidate_version : pointer.active_version,
      rollout: pointer.rollout_id,
      unit,
      label: scope.label,
      metrics: { rating: 3 + (index % 3), latency_ms: 800 + (index % 7), error: 0 },
    })),
  };
  await sql`select sluice.record_batch(${JSON.stringify(batch)}::jsonb)`.execute(db);
}
