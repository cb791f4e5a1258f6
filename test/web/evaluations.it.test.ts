import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page, Request } from "playwright-core";
import { evaluationWorkflowId } from "../../src/protocol/names.ts";
import { eventually } from "../resolver/support/eventually.ts";
import { openRolloutServer, type RolloutServer } from "../server/support/rollout-server.ts";
import { type Browser, openBrowser } from "./support/browser.ts";

const REFUND = "Can I get a refund for the plan that I bought last week?";
const PASSWORD = "I forgot my password and cannot log in. What do I do?";
const says = (value: string) => [
  { type: "icontains", value },
  { type: "llm-rubric", value: "It is polite, and says what to do next." },
];
/** The second version does not ask for the format: that case gets worse, and the others stay as they are. */
const CASES = [
  { description: "a refund", vars: { question: REFUND }, assert: says("30 days") },
  { description: "a password", vars: { question: PASSWORD }, assert: says("24 hours") },
  { description: "the form", vars: { question: REFUND }, assert: [{ type: "is-json" }] },
];
/** More than a page of them. */
const MANY = Array.from({ length: 60 }, (_, at) => ({
  description: `case ${at + 1}`,
  vars: { question: `${PASSWORD} ${at}` },
  assert: [{ type: "is-json" }],
}));

let server: RolloutServer;
let browser: Browser;
let viewer: string;
let editor: string;

beforeAll(async () => {
  server = await openRolloutServer();
  await server.bench.seed();
  await server.bench.push(9);
  viewer = await server.key({ role: "viewer", owner: "vic" });
  editor = await server.key({ role: "editor", owner: "ed" });
  browser = await openBrowser(() => server.url);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function evaluate(version: number, dataset: unknown): Promise<string> {
  const { prompt } = server.bench;
  const { body } = await server.post("/v1/evaluations", editor, { prompt, version, dataset, maxCostUsd: 1 });
  return body.evaluationId as string;
}
async function ended(id: string): Promise<void> {
  const isOver = async () => (await server.get(`/v1/evaluations/${id}`, viewer)).body.state !== "running";
  await eventually("its end", isOver, 60_000);
}

/** Has an evaluation run, and ends it on its page; gives its id. */
async function stopOne(page: Page): Promise<string> {
  const id = await evaluate(3, CASES);
  await page.goto(`/evaluations/${id}`);
  await page.getByRole("button", { name: "Stop…" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why?").fill("it takes too long");
  await dialog.getByRole("button", { name: "Stop", exact: true }).press("Enter");
  await page.locator(".verdict").getByText("stopped by ed: it takes too long").waitFor();
  return id;
}

/** Sees that what happens in another evaluation is nothing to a page, however long it has time for it. */
async function nothingAskedFor(page: Page, happen: () => Promise<unknown>): Promise<void> {
  await page.evaluate(`{
    const source = new EventSource("/v1/changes");
    globalThis.opened = new Promise((done) => source.addEventListener("open", done));
    globalThis.heard = new Promise((done) => source.addEventListener("evaluation", done));
    void heard.then(() => source.close());
  }`);
  await page.evaluate("opened");
  const underWay = new Set<Request>();
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() !== "fetch") return;
    underWay.add(request);
    asked.push(request.url());
  });
  const settled = (request: Request) => void underWay.delete(request);
  page.on("requestfinished", settled);
  page.on("requestfailed", settled);
  const passTime = async () => {
    await page.clock.fastForward(2_000);
    await page.evaluate("new Promise((done) => requestAnimationFrame(done))");
  };
  const askedMeanwhile = async () => {
    asked.length = 0;
    await passTime();
    return asked.length + underWay.size;
  };
  // It asks for one thing after the other, and once more when its own stream is open.
  await page.getByText("No answer has come yet.").waitFor();
  await expect.poll(askedMeanwhile, { timeout: 30_000 }).toBe(0);
  await happen();
  await page.evaluate("heard");
  await passTime();
  expect(asked).toEqual([]);
}

describe("the page of an evaluation", () => {
  it("The evaluation page opens on “Got worse”, and shows both answers and the judge's reason.", () =>
    browser.visit({ key: editor }, async ({ page, look }) => {
      const stopped = await stopOne(page);
      await page.clock.install();
      // Version 3 of the store: the bench calls it 9.
      const id = await evaluate(3, CASES);
      await page.goto(`/evaluations/${id}`);
      await page.getByText("Running the tests").waitFor();
      await page.getByText("0 of 6 answers.").waitFor();
      await page.evaluate("globalThis.notReloaded = true");
      await nothingAskedFor(page, () => evaluate(3, CASES.slice(0, 1)));
      server.bench.startWorker();
      await page
        .locator(".verdict")
        .getByText("Running the tests")
        .waitFor({ state: "detached", timeout: 120_000 });
      expect(await page.evaluate("globalThis.notReloaded")).toBe(true);
      await eventually("the end of what was stopped", async () => {
        const workflow = server.bench.client.workflow.getHandle(evaluationWorkflowId(stopped));
        return (await workflow.describe()).status.name === "CANCELLED";
      });
      const { body } = await server.get(`/v1/evaluations/${stopped}`, viewer);
      expect(body).toMatchObject({
        state: "failed",
        recorded: 0,
        reason: "stopped by ed: it takes too long",
      });
      const kinds = page.getByRole("navigation", { name: "Which cases" });
      expect(await kinds.locator("[aria-current]").textContent()).toBe("Got worse 1");
      await page.getByRole("button", { name: /^the form/ }).waitFor();
      expect(await page.locator(".case").count()).toBe(1);
      const answers = page.getByRole("region", { name: "The answer of" });
      await answers.nth(1).waitFor();
      expect(await answers.nth(0).textContent()).toContain("is-json failed");
      expect(await answers.nth(1).textContent()).toContain("is-json passed");
      await page.getByText(REFUND).first().waitFor();
      // What only one of them says is marked in both.
      expect(await answers.nth(0).locator("ins").count()).toBeGreaterThan(0);
      expect(await answers.nth(1).locator("del").count()).toBeGreaterThan(0);
      await look("evaluation, got worse");
      await kinds.getByRole("link", { name: "All 3" }).click();
      await page.waitForURL(/\?show=all$/);
      const refund = page.getByRole("button", { name: /^a refund/ });
      // It is open where it was the first of the list when that was seen while the tests still ran.
      const wasOpen = (await refund.getAttribute("aria-expanded")) === "true";
      await refund.press("Enter");
      if (wasOpen) await refund.press("Enter");
      await answers.nth(0).getByText("llm-rubric", { exact: true }).waitFor();
      expect((await answers.nth(0).locator(".check-reason").allTextContents()).join("")).not.toBe("");
      await look("evaluation, all");
    }));

  it("pages through many cases, and is downloaded for a CI", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      const id = await evaluate(3, MANY);
      await ended(id);
      await page.goto(`/evaluations/${id}?show=worse`);
      await page.getByText("Got worse").first().waitFor();
      await expect.poll(() => page.locator(".case").count(), { timeout: 30_000 }).toBe(50);
      await page.getByRole("button", { name: "Next 50" }).click();
      await page.getByText("Page 2").waitFor();
      await expect.poll(() => page.locator(".case").count(), { timeout: 30_000 }).toBe(10);
      const started = page.waitForEvent("download");
      await page.getByRole("link", { name: "Download for CI (JUnit)" }).click();
      expect((await started).suggestedFilename()).toMatch(/^tests-[0-9a-f]{8}\.xml$/);
      await page.getByLabel("Find a case").fill("what do i DO? 41");
      await page.waitForURL(/q=what\+do/);
      await page.getByRole("button", { name: /^case 42/ }).waitFor();
      expect(await page.locator(".case").count()).toBe(1);
      await page.goto(`/evaluations/${id.replaceAll(/[0-9a-f]/g, "0")}`);
      await page.getByRole("alert").filter({ hasText: "there is no such evaluation" }).waitFor();
    }));
});
