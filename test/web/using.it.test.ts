import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artifact } from "../resolver/support/artifacts.ts";
import { openServer, type ServerBench } from "../server/support/server-bench.ts";
import { watchMonitors } from "../../src/use-cases/watch-monitors.ts";
import { type Browser, openBrowser } from "./support/browser.ts";

const PROMPT = "support/reply";
const EVIL = "<script>alert(1)</script> \u202Egnp.exe \u001B[31mred";

let bench: ServerBench;
let browser: Browser;
let admin: string;
let viewer: string;
let versions: readonly string[];

beforeAll(async () => {
  bench = await openServer({ limits: { read: 1_000, write: 1_000 } });
  admin = await bench.key({ role: "admin", owner: "ann", name: "laptop of ann" });
  viewer = await bench.key({ role: "viewer", owner: "vic", name: "phone of vic" });
  browser = await openBrowser(() => bench.server.url);
  versions = [
    await bench.store.addVersion(PROMPT, artifact("one")),
    await bench.store.addVersion(PROMPT, artifact("two")),
    await bench.store.addVersion(PROMPT, artifact("three")),
  ];
});
afterAll(async () => {
  await browser?.close();
  await bench?.close();
});

async function ask(method: string, path: string, body: unknown, key = admin): Promise<Response> {
  return fetch(`${bench.server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
const serve = (version: number, expectedRevision: number) =>
  ask("PUT", `/v1/prompts/${PROMPT}/labels`, {
    label: "production",
    version,
    expectedRevision,
    reason: "by hand",
    force: true,
  });

/** So many calls a day on each of three days, with these means. */
async function use(version: number, means: Readonly<Record<string, number>>): Promise<void> {
  for (const [metric, mean] of Object.entries({ "": 0, ...means }))
    await bench.store.query(
      `insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
       select $1, 'production', '', '', date_trunc('day', now(), 'UTC') - day * interval '1 day', $2, 100, $3, 99
       from generate_series(0, 2) day`,
      [versions[version - 1], metric, mean],
    );
}

describe("usage", () => {
  it("says how to record where nothing was", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      await page.goto(`/p/${PROMPT}/~usage`);
      await page.getByText(/Nothing was recorded of support\/reply/).waitFor();
    }));

  it("Usage shows calls, rating, answer time, tokens and cost per version and day that equal the store's; +14 % tokens without better ratings raises the alert, with better ratings it does not.", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      await serve(1, 0);
      await serve(2, 1);
      await use(1, { rating: 4.05, latency_ms: 834, tokens: 274, cost_usd: 0.0027, error: 0.01 });
      await use(2, { rating: 4.06, latency_ms: 861, tokens: 312, cost_usd: 0.0031, error: 0.02 });
      await page.goto("/");
      await page.getByText("14 % more tokens than @1 (312 against 274 a call").waitFor();
      await page.getByRole("link", { name: "Look at it" }).click();
      await page.getByRole("heading", { name: `Usage of ${PROMPT}` }).waitFor();
      await page.getByRole("alert").filter({ hasText: "14 % more tokens" }).waitFor();
      await page
        .getByText(/4\.06 rated \(\+0\.01\), 861 ms \(\+27 ms\), 312 tokens \(\+38 tokens\)/)
        .waitFor();
      // Where each came to be served, and that it did.
      await page.locator("svg.wide .mark-line", { hasText: "@2 live" }).first().waitFor();
      await look("usage");
      await page.getByLabel("Label").selectOption("production");
      const rows = page.getByRole("table", { name: "Usage by time" }).getByRole("row");
      expect(await rows.count()).toBe(7);
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download as CSV" }).click(),
      ]);
      const { series } = (await (
        await fetch(`${bench.server.url}/v1/usage?prompt=${PROMPT}&by=day`, {
          headers: { authorization: `Bearer ${viewer}` },
        })
      ).json()) as {
        series: {
          from: string;
          version: number;
          executions: number;
          metrics: Record<string, { mean: number }>;
        }[];
      };
      const [head, ...lines] = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
      const metrics = head!.split(",").slice(3);
      expect(metrics.toSorted()).toEqual(["cost_usd", "error", "latency_ms", "rating", "tokens"]);
      expect(lines).toEqual(
        series.map((one) =>
          [one.from, one.version, one.executions, ...metrics.map((name) => one.metrics[name]!.mean)].join(
            ",",
          ),
        ),
      );
      await serve(3, 2);
      await use(3, { rating: 4.4, tokens: 356 });
      await page.reload();
      await page
        .getByText("14 % more tokens than @2")
        .or(page.getByText("@3: 14 % more tokens"))
        .first()
        .waitFor();
      await page.getByText(/and ratings are better by 0\.34/).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
      await page.goto("/");
      await page.getByText("Nothing needs you.").waitFor();
      // One tenant of those that there are, by the address.
      await bench.store.query(
        `insert into sluice.usage (version_id, label, model, tenant, hour, metric, n, mean, m2)
         values ($1, 'production', 'gpt-5.4', 'acme', date_trunc('hour', now()), '', 7, 0, 0)`,
        [versions[2]],
      );
      await page.goto(`/p/${PROMPT}/~usage`);
      await page.getByLabel("Tenant").selectOption("acme");
      await page.waitForURL(/[?&]tenant=acme/);
      await page.getByRole("table", { name: "Usage by time" }).getByText("7", { exact: true }).waitFor();
      expect(await page.getByLabel("Model").locator("option").allTextContents()).toEqual([
        "every model",
        "gpt-5.4",
      ]);
      await page.getByLabel("Tenant").selectOption("");
      await page.getByLabel("Model").selectOption("gpt-5.4");
      await page.waitForURL(/[?&]model=gpt-5.4/);
    }));

  it("says that a version has got worse, on Home and with its numbers, and what is watched", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      // 60 hours of 2 % errors, then a day of three times as many.
      await bench.store.query(
        `insert into sluice.usage_histogram (version_id, label, model, tenant, hour, metric, bucket, n)
         select $1, 'production', '', '', date_trunc('hour', now()) - h * interval '1 hour', 'error', bucket,
           case when bucket = 0 then case when h < 24 then 12 else 4 end else case when h < 24 then 188 else 196 end end
         from generate_series(0, 83) h, unnest(array[0, -32768]) bucket`,
        [versions[2]],
      );
      const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
      for (const hoursAgo of [24, 0])
        await watchMonitors(bench.db, {
          log: () => {},
          everyMs: 0,
          at: new Date(hour - hoursAgo * 3_600_000 + 1_800_000),
        });
      await page.goto("/");
      const found = "@3 in production: 6 % of its calls end without an answer";
      await page.getByText(found).waitFor();
      // A viewer sees what can be done, and who may.
      const item = page.getByRole("listitem").filter({ hasText: found });
      await item.getByRole("button", { name: "Take it on…" }).and(page.locator("[aria-disabled]")).waitFor();
      await item
        .getByText(/^this takes an editor, a releaser or an admin; you are here as viewer$/i)
        .waitFor();
      await page.getByRole("link", { name: "Look at it" }).click();
      await page.getByRole("alert").filter({ hasText: found }).waitFor();
      const row = page
        .getByRole("table", { name: "What is watched" })
        .getByRole("row", { name: /Calls without an answer/ });
      await row.getByText("got worse").waitFor();
      await look("usage, with an alert");
    }));

  it("An alert is taken on, and its monitor muted for two hours, on Home and on the page of usage.", () =>
    browser.visit({ key: admin }, async ({ page, look }) => {
      const found = "@3 in production: 6 % of its calls end without an answer";
      await page.goto("/");
      const item = page.getByRole("listitem").filter({ hasText: found });
      await item.getByRole("button", { name: "Take it on…" }).waitFor();
      await look("home, with an alert");
      await item.getByRole("button", { name: "Take it on…" }).click();
      const taking = page.getByRole("dialog", { name: "Take this alert on?" });
      await taking.getByRole("button", { name: "Take it on" }).click();
      await taking.getByText("ann has it.").waitFor();
      await taking.getByRole("button", { name: "Close" }).click();
      await item.getByText("Taken on by ann.").waitFor();
      await item.getByRole("button", { name: "Take it on…" }).waitFor({ state: "detached" });
      await item.getByRole("link", { name: "Look at it" }).click();
      await page.getByRole("button", { name: "Mute for 2 h…" }).click();
      const muting = page.getByRole("dialog", { name: "Mute its monitor for 2 h?" });
      await look("muting a monitor");
      await muting.getByRole("button", { name: "Mute" }).click();
      await muting.getByText(/^Muted until \d\d:\d\d\.$/).waitFor();
      await muting.getByRole("button", { name: "Close" }).click();
      await page.getByText(/taken on by ann, its monitor rings again/).waitFor();
      await page.getByRole("button", { name: "Mute for 2 h…" }).waitFor({ state: "detached" });
      await bench.store.query("update sluice.monitors set muted_until = null", []);
      await bench.store.query("update sluice.alerts set resolved_at = now(), resolution = 'seen to'", []);
    }));

  it("Feedback with markup, ANSI and bidi tricks is shown as text with the tricks visible.", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      const sent = await ask("POST", "/v1/outcomes", {
        exposures: [],
        outcomes: [
          {
            id: randomUUID(),
            version: versions[2],
            rollout: null,
            unit: null,
            label: "production",
            model: "",
            tenant: "",
            metrics: { rating: 1 },
            feedback: EVIL,
          },
        ],
      });
      expect(sent.status).toBe(200);
      await page.goto(`/p/${PROMPT}/~usage`);
      await page.getByText("<script>alert(1)</script>").waitFor();
      expect(await page.locator("blockquote .hidden-character").allTextContents()).toEqual([
        "U+202E",
        "U+001B",
      ]);
      await look("usage, with feedback");
      // What was rated otherwise is not among those that were rated so.
      await page.getByLabel("Rated").selectOption("1");
      await page.getByText("<script>alert(1)</script>").waitFor();
      const rated = async (rating: string) =>
        (
          (await (
            await fetch(`${bench.server.url}/v1/feedback?prompt=${PROMPT}&rating=${rating}`, {
              headers: { authorization: `Bearer ${viewer}` },
            })
          ).json()) as { items: readonly unknown[] }
        ).items.length;
      expect([await rated("1"), await rated("1.0"), await rated("5")]).toEqual([1, 1, 0]);
    }));
});

const known = async (key: string) =>
  (await fetch(`${bench.server.url}/v1/me`, { headers: { authorization: `Bearer ${key}` } })).status;

describe("settings", () => {
  it("A key is made, shown once, used, revoked, and refused from the next request on.", () =>
    browser.visit({ key: admin }, async ({ page, look }) => {
      await page.goto("/");
      await page.getByRole("button", { name: "ann" }).click();
      await page.getByRole("link", { name: "Settings" }).click();
      await page.getByText("Name in the audit log").waitFor();
      await look("settings, you");
      await page.getByRole("link", { name: "Keys" }).click();
      await page.getByRole("button", { name: "New key…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Make the key" }).click();
      await dialog.getByRole("alert").filter({ hasText: /name/ }).waitFor();
      await dialog.getByLabel("Name", { exact: true }).fill("ci");
      await dialog.getByLabel("Role").selectOption("editor");
      await dialog.getByLabel(/^Prompts/).fill("support/");
      await look("new key");
      await dialog.getByRole("button", { name: "Make the key" }).click();
      await dialog.getByText("you will not see it again").waitFor();
      const made = (await dialog.locator("code").textContent())!;
      await look("new key, shown once");
      await dialog.getByRole("button", { name: "Close" }).click();
      expect(await known(made)).toBe(200);
      await page.getByRole("row", { name: /ci/ }).getByText("only the prompts support/…").waitFor();
      expect(await page.content()).not.toContain(made);
      await page.getByRole("button", { name: "Replace… ci" }).click();
      await dialog.getByRole("button", { name: "Make the new key" }).click();
      await dialog.getByText("you will not see it again").waitFor();
      const replacing = (await dialog.locator("code").textContent())!;
      await dialog.getByRole("button", { name: "Close" }).click();
      expect([await known(made), await known(replacing)]).toEqual([200, 200]);
      await page.getByRole("button", { name: "Revoke… ci" }).first().click();
      await dialog.getByRole("button", { name: "Revoke" }).click();
      await dialog.getByText(/^Revoked/).waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      expect(new Set([await known(made), await known(replacing)])).toEqual(new Set([200, 401]));
    }));

  it("protects a label with a reason, says what roles may do, and lets CI jobs in and out", () =>
    browser.visit({ key: admin }, async ({ page, look }) => {
      const dialog = page.getByRole("dialog");
      await page.goto("/settings/labels");
      await page.getByRole("button", { name: "Unprotect… production" }).click();
      await dialog.getByLabel("Why?").fill("for a day");
      await dialog.getByRole("button", { name: "Unprotect" }).click();
      await dialog.getByText("not protected any more").waitFor();
      await dialog.getByRole("button", { name: "Close" }).click();
      await page.getByText("editors and releasers").waitFor();
      await look("settings, labels");
      await page.getByRole("link", { name: "Roles" }).click();
      await page.getByRole("table", { name: "What each role may do" }).waitFor();
      await look("settings, roles");
      await page.getByRole("link", { name: "About" }).click();
      await page.getByText("Not reached.").or(page.getByText("Reached.")).nth(1).waitFor();
      await page.getByText(/^\$\d+ at most/).waitFor();
      await look("settings, about");
      await page.getByRole("link", { name: "CI jobs" }).click();
      await page.getByText("No CI job is let in without a key.").waitFor();
      await page.getByRole("button", { name: "New rule…" }).click();
      await dialog.getByLabel("Name of the rule").fill("deploy");
      await dialog.getByLabel(/^Number of the repository/).fill("7412");
      await dialog.getByRole("button", { name: "Let them in" }).click();
      await dialog.getByRole("button", { name: "Close" }).click();
      await page
        .getByRole("row", { name: /deploy/ })
        .getByText("repository_id 7412")
        .waitFor();
      await look("settings, CI jobs");
      await page.getByRole("button", { name: "Remove… deploy" }).click();
      await dialog.getByRole("button", { name: "Remove" }).click();
      await dialog.getByRole("button", { name: "Close" }).click();
      await page.getByText("No CI job is let in without a key.").waitFor();
    }));

  it("shows a viewer themselves, labels and roles, and says whom to ask for the rest", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      await page.goto("/settings/keys");
      await page.getByText("Ask somebody whose role is admin.").waitFor();
      await look("settings, for a viewer");
      await page.goto("/settings/labels");
      const protect = page.getByRole("button", { name: "Protect… production" });
      expect(await protect.getAttribute("aria-disabled")).toBe("true");
      await page.getByText("Protecting labels takes an admin; ask one.").waitFor();
    }));
});

describe("search", () => {
  it("finds a prompt, a version and a page by the keyboard alone, and gives the focus back", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      await page.goto("/rollouts");
      await page.getByRole("heading", { name: "Rollouts" }).waitFor();
      await page.keyboard.press("Control+k");
      const field = page.getByRole("combobox", { name: "A prompt, a version" });
      await field.fill("supp");
      await page.getByRole("option", { name: /support\/reply/ }).waitFor();
      await look("search");
      await page.keyboard.press("Enter");
      await page.waitForURL(`/p/${PROMPT}`);
      await page.getByRole("heading", { name: PROMPT, level: 1 }).waitFor();
      await page.keyboard.press("Control+k");
      await field.fill(`${PROMPT}@2`);
      await page.getByRole("option", { name: /this version/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(`/p/${PROMPT}@2`);
      await page.keyboard.press("Control+k");
      await field.fill("dead");
      await page.getByRole("option", { name: /Dead letters/ }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForURL("/dead-letters");
      await page.getByRole("button", { name: /^Search/ }).click();
      await page.keyboard.press("Escape");
      await page.locator("button:focus", { hasText: "Search" }).waitFor();
    }));

  it("and a screen that come late leave the focus to whoever has gone on", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      await page.goto("/rollouts");
      await page.getByRole("heading", { name: "Rollouts" }).waitFor();
      const held = await holdScripts(page);
      const search = page.getByRole("button", { name: /^Search/ });
      await search.click();
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Dead letters" }).click();
      await search.focus();
      await held.release();
      await page.getByRole("heading", { name: "Dead letters", level: 1 }).waitFor();
      await page.evaluate("new Promise((done) => setTimeout(() => requestAnimationFrame(done)))");
      await page.locator("button:focus", { hasText: "Search" }).waitFor();
      expect(await page.getByRole("dialog").count()).toBe(0);
    }));
});

/** Keeps back each script that the page asks for from now on; `release` ends when the page has them. */
async function holdScripts(page: Page): Promise<{ release: () => Promise<void> }> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const asked: Promise<unknown>[] = [];
  await page.route("**/*.js", async (route) => {
    asked.push(route.request().response());
    await released;
    await route.continue();
  });
  return {
    async release() {
      release();
      await Promise.all(asked);
    },
  };
}
