import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScreenName } from "../../src/domain/addresses/page-address.ts";
import { fileDeadLetter } from "../../src/storage/write/file-dead-letter.ts";
import { readKey } from "../../src/access/key-text.ts";
import { actingAs } from "../../src/storage/acting-database.ts";
import { openKeySession } from "../../src/use-cases/open-key-session.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { openServer, type ServerBench } from "../server/support/server-bench.ts";
import { type Browser, openBrowser } from "./support/browser.ts";

const PROMPT = "support/reply";
const fileSaying = (greeting: string, temperature = 0.2) => ({
  description: "Answers a customer of the shop",
  tags: ["support"],
  model: "openai/gpt-5.4-mini",
  params: { temperature, max_tokens: 300 },
  variables: {
    product: { type: "string", required: true, trusted: true },
    question: { type: "string", required: true, untrusted: true, max_length: 4000 },
  },
  messages: [
    {
      role: "system",
      content: `You answer questions about {{ product }}.\n${greeting}\nQuote the policy where it helps.\nNever promise a date.`,
    },
    { role: "user", content: "{{ question }}" },
  ],
});

/** Whose pages may ask the server; the same at `localhost` is nobody that it was told of. */
const app = createServer((_, response) =>
  response.setHeader("content-type", "text/html").end("<!doctype html><title>An application</title>"),
);
const appAt = (host: string) => `http://${host}:${(app.address() as AddressInfo).port}`;
let bench: ServerBench;
let browser: Browser;
let admin: string;
let viewer: string;

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(`${bench.server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response;
}
const push = (greeting: string, message: string, temperature?: number) =>
  ask("POST", `/v1/prompts/${PROMPT}/versions`, { file: fileSaying(greeting, temperature), message });
const serve = (version: number, expectedRevision: number) =>
  ask("PUT", `/v1/prompts/${PROMPT}/labels`, {
    label: "production",
    version,
    expectedRevision,
    reason: "by hand",
    force: true,
  });

beforeAll(async () => {
  await once(app.listen(0, "127.0.0.1"), "listening");
  bench = await openServer({ limits: { read: 1_000, write: 1_000 }, corsOrigins: [appAt("127.0.0.1")] });
  admin = await bench.key({ role: "admin", owner: "ann" });
  viewer = await bench.key({ role: "viewer", owner: "vic" });
  browser = await openBrowser(() => bench.server.url);
});
afterAll(async () => {
  await browser?.close();
  await bench?.close();
  app.close();
});

/** As many versions as that, by one statement. */
const fillUp = (to: number) =>
  bench.store.query(
    `insert into sluice.versions (prompt, number, semver, sha256, artifact, model, author, token_count)
     select $1, n, n || '.0.0', encode(sha256(n::text::bytea), 'hex'),
       jsonb_set($2, '{messages,0,content}', to_jsonb(format('Be brief, in at most %s words', n))), 'openai/gpt-5.4-mini', 'test', 9
     from generate_series((select max(number) + 1 from sluice.versions where prompt = $1), $3) n`,
    [PROMPT, JSON.stringify(artifact("one")), to],
  );

describe("the dashboard", () => {
  it("lets somebody in by a key, shows what is live, and lets them out again", () =>
    browser.visit({}, async ({ page, look }) => {
      await page.goto("/");
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await look("sign in");
      await page.getByLabel("Your key").fill("slu_nonsense");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").filter({ hasText: "this key is not known" }).waitFor();
      await page.getByLabel("Your key").fill(viewer);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Nothing is live yet" }).waitFor();
      await look("home, first run");
      await push("Be polite.", "first version");
      await serve(1, 0);
      await page.reload();
      await page.getByRole("table", { name: "What is live" }).getByRole("link", { name: PROMPT }).waitFor();
      await page.goto(`/p/${PROMPT}@1`);
      await page.getByRole("link", { name: "Roll it out elsewhere" }).waitFor();
      await page.getByRole("button", { name: "vic" }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.goto("/prompts");
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    }));

  it("She compares any two of 10,000 versions, jumps to version 4,711, and the page never holds more than 60 rows.", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      await push("Be brief.", "shorter answers", 0.4);
      await page.goto("/prompts");
      await page.getByRole("searchbox").fill("sup");
      await page.waitForURL("/prompts?q=sup");
      await page.getByRole("link", { name: PROMPT }).click();
      await page.getByRole("heading", { name: PROMPT, level: 1 }).waitFor();
      await page.getByText("@1 is live in production.").waitFor();
      await fillUp(10_000);
      await page.reload();
      await page.getByLabel("Compare @10000").waitFor();
      const versions = page.getByRole("table", { name: "Versions" });
      expect(await versions.getByRole("row").count()).toBe(51);
      expect(await page.locator("*").count()).toBeLessThan(1_500);
      await page.getByLabel("Compare @10000").check();
      await page.getByRole("button", { name: "Next 50" }).click();
      await page.getByLabel("Compare @9950").check();
      expect(await versions.getByRole("row").count()).toBe(51);
      await page.getByRole("link", { name: "Compare @9950 and @10000" }).click();
      await page.getByRole("heading", { name: "What changed from @9950 to @10000" }).waitFor();
      await page.goto(`/p/${PROMPT}@2..@4711`);
      await page.getByRole("heading", { name: "What changed from @2 to @4711" }).waitFor();
      await page.goto(`/p/${PROMPT}`);
      await page.getByLabel("Go to version").fill("4711");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: `${PROMPT}@4711` }).waitFor();
      await page.getByText(/Be brief, in at most 4711 words/).waitFor();
    }));

  it("shows what changed word by word, and says so where nothing did", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      await page.goto(`/p/${PROMPT}@1..@2`);
      await page.getByText("1 message and temperature. ").waitFor();
      expect(await page.locator("del").allTextContents()).toEqual(["0.2", " polite."]);
      expect(await page.locator("ins").allTextContents()).toEqual(["0.4", " brief."]);
      await page.getByRole("button", { name: "Next change" }).click();
      await page.keyboard.press("Alt+ArrowDown");
      expect(await page.locator(":focus").textContent()).toContain("Be polite.");
      await page.getByRole("link", { name: "One column" }).click();
      await page.waitForURL(/\?view=one$/);
      await look("compare, one column");
      await page.goto(`/p/${PROMPT}@1..@1`);
      await page.getByText("say the same. They differ in nothing.").waitFor();
    }));

  it("says which services send what for a prompt, and of one that nobody called that no caller is known", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      await page.goto(`/p/${PROMPT}`);
      await page
        .getByText("No caller is known from the last 7 days. That there is none, nobody can say.")
        .waitFor();
      const values = [
        { kind: "variable", name: "question", types: ["string"], longest: 4096, calls: 8 },
        { kind: "variable", name: "product", types: ["string"], longest: 16, calls: 2 },
        { kind: "placeholder", name: "history", types: ["list"], longest: 8, calls: 8 },
      ];
      const sends = [{ label: "production", prompt: PROMPT, calls: 8, values }];
      await bench.store.query("select sluice.report_callers($1::jsonb)", [
        JSON.stringify({ service: "web", sends }),
      ]);
      await page.reload();
      const row = page.getByRole("table", { name: "Callers" }).getByRole("row").nth(1);
      await row.getByText("question string, up to 4,096").waitFor();
      await row.getByText(/product string, up to 16, in 25 % of calls/).waitFor();
      await row.getByText("history messages, up to 8").waitFor();
      await look("prompt with callers");
    }));

  it("A link to a version that does not exist says so, and never shows another.", () =>
    browser.visit({ key: viewer }, async ({ page, look }) => {
      await page.goto(`/p/${PROMPT}@20000`);
      await page.getByRole("alert").filter({ hasText: "20000" }).waitFor();
      expect(await page.locator(".message").count()).toBe(0);
      await look("version that is not there");
      expect((await page.goto("/nowhere/at/all"))?.status()).toBe(404);
      await page.getByRole("heading", { name: "There is no such page" }).waitFor();
      await look("not found");
      expect((await page.goto("/p/suport-reply"))?.status()).toBe(404);
      await page.getByRole("alert").filter({ hasText: "suport-reply" }).waitFor();
      // Who has not signed in learns nothing of what there is.
      const html = { headers: { accept: "text/html" } };
      const nobody = await fetch(`${bench.server.url}/p/suport-reply`, html);
      expect(nobody.status).toBe(200);
    }));

  it("keeps what is chosen and what is drawn to be seen where the system chooses the colours", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      await page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
      await page.goto("/prompts");
      const current = page.locator("nav a[aria-current]").first();
      await current.waitFor();
      expect(
        await page.evaluate<string>(
          `getComputedStyle(document.querySelector("nav a[aria-current]")).outlineStyle`,
        ),
      ).toBe("solid");
      const tokens = await page.evaluate<string[]>(
        `["--accent", "--ink", "--harm"].map((one) => getComputedStyle(document.documentElement).getPropertyValue(one))`,
      );
      expect(tokens).toEqual(["Highlight", "CanvasText", "CanvasText"]);
    }));

  it("shows what others wrote as text, with what cannot be seen in it made visible", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      await push(
        "<script>alert(1)</script><img src=x onerror=alert(2)> \u202Eevil \u001B[31m",
        "<b>bold</b> \u202Edlob",
      );
      await page.goto(`/p/${PROMPT}@10001`);
      await page.getByText("<script>alert(1)</script><img src=x onerror=alert(2)>").waitFor();
      expect(await page.locator(".hidden-character").allTextContents()).toEqual([
        "U+202E",
        "U+202E",
        "U+001B",
      ]);
      await page.getByText("<b>bold</b>").waitFor();
      await page.goto(`/p/${PROMPT}`);
      // In the list of versions, and in what happened.
      await page.getByText("<b>bold</b>").first().waitFor();
      expect(await page.locator(".hidden-character").allTextContents()).toEqual(["U+202E", "U+202E"]);
    }));

  it("says that the server is away, keeps what is on the page, and goes on when it is back", () =>
    browser.visit({ key: viewer }, async ({ page, context, wrong }) => {
      await page.goto("/prompts");
      await page.getByRole("link", { name: PROMPT }).waitFor();
      await context.setOffline(true);
      await page.getByRole("link", { name: "Home" }).click();
      await page.getByText(/Not connected since \d\d:\d\d/).waitFor();
      await page.goBack();
      await page.getByRole("link", { name: PROMPT }).waitFor();
      await context.setOffline(false);
      await page.getByText(/Not connected/).waitFor({ state: "detached" });
      // What a browser notes of a connection that it does not have.
      expect(wrong.filter((line) => !/ERR_INTERNET_DISCONNECTED/.test(line))).toEqual([]);
      (wrong as string[]).length = 0;
    }));

  it("asks for the key in a dialog when the session ends, and the page stays", () =>
    browser.visit({ key: viewer }, async ({ page, context }) => {
      await page.clock.install();
      await page.goto("/prompts?q=sup");
      await page.getByRole("link", { name: PROMPT }).waitFor();
      const search = page.getByRole("searchbox");
      await search.focus();
      await page.clock.pauseAt(Date.now() + 5_000);
      await context.clearCookies();
      const refused = page.waitForResponse((answer) => answer.status() === 401);
      await search.fill("supp");
      await page.clock.runFor(500);
      // Whoever goes on typing types where they began, and never into the dialog.
      const dialog = page.getByRole("dialog", { name: "Your session is over" });
      await refused;
      await page.keyboard.type("o");
      expect(await search.inputValue()).toBe("suppo");
      await page.clock.resume();
      await dialog.waitFor();
      await page.keyboard.type("rt");
      expect(await page.getByLabel("Your key").inputValue()).toBe("");
      await page.getByLabel("Your key").fill(viewer);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.getByRole("link", { name: PROMPT }).waitFor();
      expect(new URL(page.url()).search).toBe("?q=suppo");
      // Whoever signs in later has lost nothing.
      await page.getByRole("button", { name: "vic" }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("Your key").fill(viewer);
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: PROMPT }).waitFor();
      expect(await dialog.count()).toBe(0);
    }));

  it("signs in by a link, once", () =>
    browser.visit({}, async ({ page, context }) => {
      const shown = readKey(viewer)!;
      const link = `/sign-in?once=${await openKeySession(actingAs(bench.db, shown))}`;
      await page.goto(link);
      await page.getByRole("heading", { name: "Home" }).waitFor();
      expect(page.url()).not.toContain("once");
      await context.clearCookies();
      await page.goto(link);
      await page.getByRole("alert").filter({ hasText: "was used before" }).waitFor();
    }));

  it("Every screen passes axe, light and dark, full, empty and failing; none scrolls sideways at 320 px; none shifts.", () =>
    browser.visit({ key: admin }, async ({ page, context, look, readLarge, goThrough, wrong }) => {
      await page.addInitScript(`
        globalThis.shifted = 0;
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifted += value;
        }).observe({ type: "layout-shift", buffered: true });`);
      const letterId = await aLetter();
      for (const [screen, path] of Object.entries(addressesOf(letterId))) {
        await page.goto(path);
        await page.locator("main h1").waitFor();
        await page.locator(".skeleton").first().waitFor({ state: "detached" });
        // What a page has loaded is drawn by the next frames.
        await page.evaluate(
          "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
        expect(await page.evaluate<number>("shifted"), `${screen}: layout shift`).toBeLessThanOrEqual(0.01);
        await look(`screen ${screen}`);
        await readLarge(`screen ${screen}`);
        await goThrough(`screen ${screen}`);
      }
      // Nothing of it can be had.
      await context.route("**/v1/**", (route) =>
        /\/v1\/(?:me|changes)/.test(route.request().url())
          ? route.continue()
          : route.fulfill({
              status: 409,
              json: { error: { code: "conflict", message: "It is broken: ask an admin." } },
            }),
      );
      const failing = Object.entries({ ...addressesOf(letterId), ...ELSEWHERE });
      for (const [screen, path] of failing) {
        await page.goto(path);
        await page.locator("main").getByText("It is broken: ask an admin.").first().waitFor();
        expect(await page.locator("main h1").count(), screen).toBe(1);
        await look(`screen ${screen}, failing`, "main");
      }
      expect(wrong).toEqual([]);
    }));

  it("The whole suite makes no request to another origin and reports no CSP violation.", () =>
    // Every visit fails that saw any: so this one has to see them.
    browser.visit({ key: viewer }, async ({ page, wrong }) => {
      await page.goto("/");
      await page.getByRole("heading", { name: "Home" }).waitFor();
      expect(wrong).toEqual([]);
      await page.evaluate(`fetch("http://127.0.0.1:9/").catch(() => 0)`);
      await page.evaluate(`try { document.body.innerHTML += "<img src=http://127.0.0.1:9/>" } catch {}`);
      await expect.poll(() => wrong.filter((one) => one.startsWith("policy: ")).length).toBeGreaterThan(1);
      (wrong as string[]).length = 0;
    }));

  it("answers pages of an origin that it was told of, by a key or to read for their own user, and nobody else's", () =>
    browser.visit({ key: admin }, async ({ context }) => {
      const page = await context.newPage();
      const asks = (path: string, init: RequestInit) =>
        page.evaluate<number | string>(
          `fetch("${bench.server.url}${path}", ${JSON.stringify(init)}).then(({ status }) => status, () => "not let")`,
        );
      const byKey = { headers: { authorization: `Bearer ${viewer}` } };
      const write = { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" };
      await page.goto(appAt("127.0.0.1"));
      expect(await asks("/v1/me", byKey)).toBe(200);
      expect(await asks("/v1/me", { credentials: "include" })).toBe(200);
      expect(await asks("/v1/labels/staging", { ...write, credentials: "include" })).toBe(403);
      await page.goto(appAt("localhost"));
      expect(await asks("/v1/me", byKey)).toBe("not let");
      expect(await asks("/v1/me", { credentials: "include" })).toBe("not let");
    }));

  it("is asked for what a page shows first while its scripts are on their way, and once", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      const asked: string[] = [];
      page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
      for (const [path, first] of [
        ["/", "/v1/overview"],
        [`/p/${PROMPT}@1`, `/v1/prompts/${encodeURIComponent(PROMPT)}/versions/1`],
      ] as const) {
        asked.length = 0;
        await page.goto(path);
        await page.locator("main h2").first().waitFor();
        expect(asked.filter((one) => one === "/v1/me" || one === first)).toHaveLength(2);
        // Not by a script.
        const [began] = await page.evaluate<string[]>(
          `performance.getEntriesByName(location.origin + "${first}").map(({ initiatorType }) => initiatorType)`,
        );
        expect(began).toBe("link");
      }
    }));

  it("draws what has changed when the server tells of it, and asks for it before", () =>
    browser.visit({ key: viewer }, async ({ page }) => {
      await page.addInitScript(`
        globalThis.happened = [];
        const { addEventListener } = EventSource.prototype;
        EventSource.prototype.addEventListener = function (name, listener) {
          return addEventListener.call(this, name, (event) => {
            happened.push("told: " + name);
            listener(event);
          });
        };
        const ask = fetch;
        globalThis.fetch = (path, ...more) => {
          happened.push("asked: " + path);
          return ask(path, ...more);
        };`);
      await page.goto("/");
      const live = page.getByRole("table", { name: "What is live" });
      await live.getByRole("link", { name: "@1" }).waitFor();
      const happened = () => page.evaluate<string[]>("happened");
      // With the page, and once more when its stream is open.
      const asked = "asked: /v1/overview";
      await expect
        .poll(async () => (await happened()).filter((one) => one === asked).length, { timeout: 60_000 })
        .toBe(2);
      await page.evaluate(`
        happened.length = 0;
        new MutationObserver(() => document.querySelector("main table").textContent.includes("@2") && happened.push("drawn"))
          .observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });`);
      await serve(2, 1);
      await live.getByRole("link", { name: "@2" }).waitFor();
      const seen = await happened();
      // Whatever else came in between: each of them is there after the one before it.
      const told = seen.indexOf("told: pointer");
      const again = seen.indexOf(asked, told);
      expect([told >= 0, again > told, seen.indexOf("drawn") > again], seen.join(", ")).toEqual([
        true,
        true,
        true,
      ]);
    }));

  it("comes with headers that let a page load nothing from elsewhere, and is a page for browsers alone", async () => {
    const html = { headers: { accept: "text/html" } };
    const page = await fetch(`${bench.server.url}/p/${PROMPT}`, html);
    expect(page.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'; .*require-trusted-types-for 'script'; trusted-types sluice$/,
    );
    expect(page.headers.get("cache-control")).toBe("no-store");
    const [, asset] = /src="(\/assets\/main-[^"]+)"/.exec(await page.text())!;
    const script = await fetch(`${bench.server.url}${asset}`);
    expect(script.headers.get("cache-control")).toContain("immutable");
    expect(await script.text()).not.toMatch(/https?:\/\/(?!www\.w3\.org\/)/);
    expect((await fetch(`${bench.server.url}/p/${PROMPT}`)).status).toBe(404);
    expect((await fetch(`${bench.server.url}/v1/nothing`, html)).status).toBe(404);
    expect((await fetch(`${bench.server.url}/assets/main-0.js`, html)).status).toBe(404);
  });
});

/** Of each screen one address, with something on it. */
function addressesOf(
  letterId: string,
): Readonly<Record<Exclude<ScreenName, "sign-in" | "nowhere" | keyof typeof ELSEWHERE>, string>> {
  return {
    home: "/",
    prompts: "/prompts",
    prompt: `/p/${PROMPT}`,
    version: `/p/${PROMPT}@2`,
    compare: `/p/${PROMPT}@1..@2`,
    rollouts: "/rollouts",
    usage: `/p/${PROMPT}/~usage`,
    start: `/p/${PROMPT}/~rollout?version=2`,
    audit: "/audit",
    "dead-letters": "/dead-letters",
    "dead-letter": `/dead-letters/${letterId}`,
    settings: "/settings/keys",
  };
}

/** With something on them they are looked at where there is a worker, and while somebody writes. */
const ELSEWHERE = {
  rollout: `/rollouts/${randomUUID()}`,
  evaluation: `/evaluations/${randomUUID()}`,
  editor: `/p/${PROMPT}/~edit`,
  playground: `/p/${PROMPT}/~play`,
} as const;

const aLetter = () =>
  fileDeadLetter(bench.db, {
    operationId: randomUUID(),
    operation: "notify",
    prompt: PROMPT,
    rolloutId: null,
    payload: {},
    error: { code: "unavailable", message: "the receiver was away" },
  });
