import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SimulatedPolicy } from "../../src/domain/shapes/planning.ts";
import { createResolver } from "../../src/resolver/index.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import { pushPromptFiles } from "../../src/use-cases/push.ts";
import { scopeColumns } from "../../src/domain/scope.ts";
import { runSluice } from "../cli/run-sluice.ts";
import { openRolloutServer, type RolloutServer } from "../server/support/rollout-server.ts";
import { type Browser, openBrowser } from "./support/browser.ts";

/** Little room: at first sight it cannot be decided by these rules. */
const POLICY = `
gate: { dataset: golden.yaml, min_pass_rate: 0.9 }
metrics:
  rating: { window: 100ms, unit: stars }
  error: { window: 100ms }
canary:
  stages: [{ share: 25%, for: 1h }, { share: 50% }]
  interval: 1h
  min_units: 50
  max_units: 400
  max_duration: 3d
  goal: { metric: rating, direction: higher, margin: 0.1 }
  guardrails: [{ metric: error, direction: lower, tolerated_increase: 5pp }]
`;
const GOLDEN = `
- vars: { question: I forgot my password and cannot log in. What do I do? }
  assert: [{ type: icontains, value: "24 hours" }]
`;
const promptFile = (name: string, manner: string) => `
name: ${name}
model: openai/gpt-4.1-mini
policy: policy.yaml
variables: { question: { type: string, required: true, untrusted: true } }
messages:
  - role: system
    content: |
      ${manner} Facts you may rely on:
      - Password: the reset link is valid for 24 hours.
  - { role: user, content: "{{ question }}" }
`;
const PEOPLE = { ann: "admin", rea: "releaser", ed: "editor", vic: "viewer" } as const;

let server: RolloutServer;
let browser: Browser;
let folder: string;
let prompt: string;
const keys = new Map<string, string>();
const as = (person: keyof typeof PEOPLE) => ({ key: keys.get(person)! });

beforeAll(async () => {
  server = await openRolloutServer();
  const { bench } = server;
  // Temporal is shared, and its workflows are named after their prompts.
  prompt = `shop/${bench.prompt}`;
  folder = await mkdtemp(join(tmpdir(), "sluice-starting-"));
  await writeFile(join(folder, "policy.yaml"), POLICY);
  await writeFile(join(folder, "golden.yaml"), GOLDEN);
  for (const manner of [
    "You are support assistant 1.",
    "You are support assistant 2.",
    "You are support assistant 3.",
  ]) {
    await writeFile(join(folder, "prompt.yaml"), promptFile(prompt, manner));
    await pushPromptFiles(bench.db, [join(folder, "prompt.yaml")], { author: "mia", message: manner });
  }
  await setPointerByHand(bench.db, {
    scope: scopeColumns({ label: "production", prompt }),
    version: { prompt, number: 1 },
    expectedRevision: 0,
    reason: "first",
    force: true,
    by: "test",
  });
  await useIt(600);
  bench.startWorker();
  for (const [owner, role] of Object.entries(PEOPLE)) keys.set(owner, await server.key({ role, owner }));
  browser = await openBrowser(() => server.url);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** So many users have rated the version that is live. */
async function useIt(users: number): Promise<void> {
  const resolver = await createResolver({ source: server.bench.databaseUrl });
  for (let user = 0; user < users; user++) {
    const served = await resolver.resolve({ prompt, unit: `user-${user}` });
    served.render({ question: "How?" });
    resolver.record(served, { metrics: { rating: 3 + (user % 3), error: user % 100 === 0 ? 1 : 0 } });
  }
  await resolver.close();
}

const plan = (page: Page) => page.getByRole("region", { name: "The plan" });
const start = (version: number) => `/p/${prompt}/~rollout?version=${version}`;

describe("the page on which a rollout is started", () => {
  it("is reached from Home: first of which prompt, then of which version; who may not is told who may", async () => {
    await browser.visit(as("ed"), async ({ page, look }) => {
      await page.goto("/");
      await page.getByRole("button", { name: "Start one" }).click();
      const dialog = page.getByRole("dialog", { name: "A rollout of which prompt?" });
      await dialog.getByLabel("Find").fill("no such thing");
      await dialog.getByText("No prompt that has a version is like that.").waitFor();
      await dialog.getByLabel("Find").fill(prompt);
      await dialog.getByRole("link", { name: prompt }).waitFor();
      await look("a rollout of which prompt");
      await dialog.getByRole("link", { name: prompt }).click();
      await page.getByRole("heading", { name: "A rollout of @3" }).waitFor();
      await page.getByRole("combobox", { name: /^Version/ }).selectOption("2");
      await page.getByRole("heading", { name: "A rollout of @2" }).waitFor();
    });
    await browser.visit(as("vic"), async ({ page }) => {
      await page.goto("/");
      const button = page.getByRole("button", { name: "Start one" });
      expect(await button.getAttribute("aria-disabled")).toBe("true");
      await page
        .getByText("takes an editor, a releaser or an admin; you are here as viewer")
        .first()
        .waitFor();
      await button.click({ force: true });
      expect(await page.getByRole("dialog").count()).toBe(0);
    });
  });

  it("The plan changes as the rules change, warns that it cannot conclude, and the suggested change removes the warning.", () =>
    browser.visit(as("rea"), async ({ page, look }) => {
      await page.goto(`/p/${prompt}@2`);
      await page.getByRole("link", { name: "Roll it out" }).click();
      await page.getByRole("heading", { name: "A rollout of @2" }).waitFor();
      await page.getByLabel("How many users a day").fill("2000");
      const warning = plan(page).getByText(
        /it will probably end undecided: [\d,]+ users are needed in each group, 400 are allowed/,
      );
      await warning.waitFor();
      await plan(page)
        .getByRole("button", { name: /^Allow [\d,]+ users in each group/ })
        .waitFor();
      await look("start, cannot conclude");
      // A larger loss that is allowed needs fewer users.
      const needed = async () =>
        Number(/(\d[\d,]*) users are needed/.exec((await warning.textContent())!)![1]!.replaceAll(",", ""));
      const before = await needed();
      await page.getByLabel("How much worse is still fine").first().fill("0.15");
      await expect.poll(needed, { timeout: 30_000 }).toBeLessThan(before);
      await page.getByLabel("How much worse is still fine").first().fill("a lot");
      await plan(page).getByRole("alert").filter({ hasText: "write a margin as 10%" }).waitFor();
      await page.getByLabel("How much worse is still fine").first().fill("0.1");
      await plan(page)
        .getByRole("button", { name: /^Allow [\d,]+ users in each group/ })
        .click();
      await plan(page)
        .getByText(/^Needs about [\d,]+ users in each group, about .* at 2,000 a day\.$/)
        .waitFor();
      await warning.waitFor({ state: "detached" });
      await plan(page)
        .getByText(/^A version that is just as good is released \d+ times of 100/)
        .waitFor();
      // It is what the server plans, too.
      const policy = JSON.parse(
        await page.evaluate<string>(`sessionStorage.getItem("sluice.rules.${prompt}")`),
      );
      const { body } = await server.post("/v1/plan", as("rea").key, {
        prompt,
        version: 2,
        policy,
        unitsPerDay: 2_000,
      });
      expect(body.cannotConclude).toBe(false);
      const rounded = Number(Number(body.unitsPerArm).toPrecision(2)).toLocaleString("en");
      await plan(page).getByText(`Needs about ${rounded} users in each group`).waitFor();
      // What was changed is still there after a reload.
      await page.reload();
      await page.getByText("Everything else: steps, room and time").click();
      expect(await page.getByLabel("Users in each group at most").inputValue()).not.toBe("400");
      await page.getByRole("radio", { name: /As the prompt’s policy says/ }).check();
      expect(await page.getByLabel("Users in each group at most").inputValue()).toBe("400");
    }));

  it("“Try it” runs in the browser: with the network cut it still finishes, and its result equals sluice simulate with the same seed.", () =>
    browser.visit(as("ed"), async ({ page, context, look, wrong }) => {
      await page.goto(start(2));
      await page.getByLabel("How many users a day").fill("2000");
      await page.getByRole("button", { name: "Try it" }).waitFor();
      await context.setOffline(true);
      await page.getByLabel(/^Rating differs by/).fill("-0.6");
      await page.getByRole("button", { name: "Try it" }).focus();
      await page.keyboard.press("Enter");
      const said = page.getByRole("region", { name: "Try it" }).getByRole("status");
      await said.getByText(/^Rolled back/).waitFor();
      const text = (await said.allTextContents()).join(" ");
      await context.setOffline(false);
      await page.getByText(/Not connected/).waitFor({ state: "detached" });
      const env = { DATABASE_URL: server.bench.databaseUrl };
      const line = [
        "simulate",
        prompt,
        "--effect",
        "rating=-0.6",
        "--runs",
        "200",
        "--seed",
        "1",
        "--traffic",
        "2000/day",
      ];
      const ran = await runSluice([...line, "--json"], { env });
      const simulated = JSON.parse(ran.stdout) as SimulatedPolicy;
      expect(await page.locator("li.rolledBack").textContent()).toContain(
        ` ${Math.round(simulated.rolledBack * 200)}`,
      );
      expect(await page.locator("li.released").textContent()).toContain(
        ` ${Math.round(simulated.promoted * 200)}`,
      );
      expect(text).toContain(
        `after about ${Math.round(simulated.medianUnitsRolledBack!).toLocaleString("en")} users`,
      );
      await look("start, tried");
      expect(wrong.filter((one) => !/ERR_INTERNET_DISCONNECTED/.test(one))).toEqual([]);
      (wrong as string[]).length = 0;
    }));

  it("lets an editor ask, after which nobody gets it before a releaser has said yes, and a viewer neither", async () => {
    await browser.visit(as("vic"), async ({ page }) => {
      await page.goto(start(2));
      const button = page.getByRole("button", { name: "Ask for a rollout…" });
      await button.waitFor();
      expect(await button.getAttribute("aria-disabled")).toBe("true");
      await page.getByText(/this takes an editor, a releaser or an admin; you are here as viewer/).waitFor();
    });
    await browser.visit(as("ed"), async ({ page }) => {
      await page.goto(`/p/${prompt}`);
      await page.getByRole("button", { name: "Ask for a rollout" }).click();
      await page.getByRole("combobox", { name: /^Version/ }).selectOption("3");
      await page.getByRole("button", { name: "Ask for a rollout…" }).click();
      const dialog = page.getByRole("dialog", { name: `Ask for a rollout of ${prompt}@3?` });
      await dialog.getByText(/No user sees it before a releaser has said yes, within 7 days/).waitFor();
      await dialog.getByRole("button", { name: "Ask for a rollout" }).click();
      await page.locator(".headline").filter({ hasText: "Waiting for a yes" }).waitFor({ timeout: 120_000 });
      expect(page.url()).toMatch(/\/rollouts\/[0-9a-f-]{36}$/);
    });
  });

  it("starts again what was turned down here only after that was said, and shows what its tests have cost", () =>
    browser.visit(as("rea"), async ({ page }) => {
      const { body } = await server.get(`/v1/rollouts?prompt=${prompt}&running=true`, as("rea").key);
      const [waiting] = body.items as readonly { readonly rolloutId: string }[];
      await server.post(`/v1/rollouts/${waiting!.rolloutId}/reject`, as("rea").key, { comment: "not now" });
      await server.bench.until(waiting!.rolloutId, ({ outcome }) => outcome === "rejected", "its end");
      await page.goto(start(3));
      await page.getByText(/The last tests of this prompt cost \$0\.\d+ and took \d+ seconds?\./).waitFor();
      await page.getByRole("button", { name: "Start the rollout…" }).click();
      const dialog = page.getByRole("dialog", { name: `Roll ${prompt}@3 out?` });
      await dialog.getByRole("button", { name: "Start the rollout" }).click();
      await dialog.getByRole("alert").filter({ hasText: "has failed here once within 30 days" }).waitFor();
      await dialog.getByLabel(/Try it again unchanged/).check();
      await dialog.getByRole("button", { name: "Start the rollout" }).click();
      await page
        .locator(".headline")
        .filter({ hasText: "Being tried by 25 % of users" })
        .waitFor({ timeout: 120_000 });
      await page.getByRole("link", { name: "See all cases" }).click();
      await page.getByRole("heading", { name: `Tests of ${prompt}@3` }).waitFor();
      await page.goto(`/p/${prompt}`);
      await page
        .getByRole("link", { name: /^Tests of @3/ })
        .first()
        .waitFor();
    }));
});
