import type { Browser, Page } from "playwright-core";

export const say = (line: string) => void process.stdout.write(`${line}\n`);
/** For a story of the demo, or a rollout to its users, to begin or to end. */
export const STORY_MS = 180_000;
/** For a whole rollout to the fewer users that come once the stories are over. */
const ROLLOUT_MS = 600_000;
const MINUTE_MS = 60_000;

export async function headlineOf(page: Page, text: string, timeout: number = STORY_MS): Promise<void> {
  await page.locator(".headline").filter({ hasText: text }).waitFor({ timeout });
  say(`${(await page.locator("main h1").textContent()) ?? ""}: ${text}`);
}

/** Asks as whoever is signed in on a page does. */
export async function askAs<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  const asked = JSON.stringify({ method, path, body });
  return page.evaluate<T>(`(async ({ method, path, body }) => {
    const response = await fetch(path, {
      method,
      headers: { accept: "application/json", ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(method + " " + path + ": " + JSON.stringify(answer));
    return answer;
  })(${asked})`);
}

/** Somebody at a browser of their own, signed in with a key that an admin has just made. */
export async function person(
  browser: Browser,
  admin: Page,
  who: { readonly owner: string; readonly role: string; readonly grants?: object },
  wrong: string[],
): Promise<Page> {
  const { key } = await askAs<{ key: string }>(admin, "POST", "/v1/keys", { name: "laptop", ...who });
  const { origin } = new URL(admin.url());
  const context = await browser.newContext({ baseURL: origin });
  context.setDefaultTimeout(MINUTE_MS);
  context.on("weberror", (error) => void wrong.push(error.error().message));
  const signedIn = await context.request.post("/v1/session", { data: { key } });
  if (!signedIn.ok()) throw new Error(`${who.owner} was not let in: ${await signedIn.text()}`);
  return context.newPage();
}

/** Changes the instructions by keys alone, sees them in the preview, tests them, and saves them as a version. */
async function editTestAndSave(
  page: Page,
  { prompt, from }: { readonly prompt: string; readonly from: number },
  line: string,
): Promise<void> {
  await page.goto(`/p/${prompt}/~edit?from=${from}`);
  await page.getByRole("textbox", { name: "Text of message 1" }).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(`\n${line}`);
  await page.getByRole("list", { name: "What the model gets" }).getByText(line).waitFor();
  await page.getByText(/^Draft.* · saved \d\d:\d\d$/).waitFor();
  await page
    .getByRole("button", { name: /^Test it/ })
    .first()
    .press("Enter");
  await page.locator(".verdict").waitFor();
  say(`tested: ${(await page.locator(".verdict").textContent()) ?? ""}`);
  await page.getByRole("button", { name: "Save as version…" }).press("Enter");
  await page.getByLabel("What changed and why?").fill(line);
  await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await page.getByRole("link", { name: "Roll it out…" }).press("Enter");
}

/** The act on the page where rollouts are started, and in its dialog; gives the number of the rollout's version. */
async function startFromThere(page: Page, act: string): Promise<void> {
  await page.getByRole("button", { name: `${act}…` }).press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: act, exact: true }).press("Enter");
  await page.waitForURL(/\/rollouts\/[0-9a-f-]{36}$/);
}

/**
 * A marketer edits the prompt, sees the preview change as she types, tests it, saves it and asks for a rollout; an
 * engineer sees it on Home, reads what changed, and approves; users come, the curve moves, and she reads how it ended.
 */
export async function askAndApprove(marketer: Page, engineer: Page, prompt: string): Promise<void> {
  // The later ones of the demo were turned down.
  await editTestAndSave(marketer, { prompt, from: 2 }, "Thank the customer for asking.");
  // It reads as well as what is live, and no better: by the demo's own rules it would stay undecided.
  await marketer.getByLabel("The new version has to be").selectOption("non_inferior");
  await startFromThere(marketer, "Ask for a rollout");
  await headlineOf(marketer, "Waiting for a yes");
  await engineer.goto("/");
  await engineer.getByRole("link", { name: "Look and decide" }).first().press("Enter");
  await engineer.getByRole("button", { name: "Approve", exact: true }).press("Enter");
  const dialog = engineer.getByRole("dialog");
  const [diff] = await Promise.all([
    engineer.context().waitForEvent("page"),
    dialog.getByRole("link", { name: "See what changed" }).press("Enter"),
  ]);
  await diff.getByText("Thank the customer for asking.").first().waitFor();
  await diff.close();
  await dialog.getByRole("button", { name: "Approve", exact: true }).press("Enter");
  await dialog.getByText("Approved.").waitFor();
  await headlineOf(marketer, "Being tried by");
  const slider = marketer.getByRole("slider").first();
  await slider.waitFor({ timeout: STORY_MS });
  const looks = Number(await slider.getAttribute("max"));
  await headlineOf(marketer, "Released to everybody", ROLLOUT_MS);
  const more = Number(await slider.getAttribute("max")) - looks;
  if (!(more > 0)) throw new Error("the curve did not move while she looked");
  say(`the curve moved by ${more} looks while she looked`);
}

/** By the rules of this prompt its tests alone decide, and by themselves: one case rules out no loss against another version. */
const GATE_ALONE = { gate: { dataset: "golden.yaml", min_pass_rate: 0.9, max_regression: 1 } };
const CASES = [
  {
    vars: { question: "I forgot my password and cannot log in. What do I do?" },
    assert: [{ type: "icontains", value: "24 hours" }],
  },
];
const FILE = {
  model: "openai/gpt-4.1-mini",
  variables: { question: { type: "string", required: true, untrusted: true } },
  messages: [
    {
      role: "system",
      content:
        "You are a support assistant. Facts you may rely on:\n- Password: the reset link is valid for 24 hours.",
    },
    { role: "user", content: "{{ question }}" },
  ],
};

/**
 * A marketer with release rights on `support/` and a policy of tests alone edits, tests, saves and is live within a
 * minute, audited, with nobody else needed. False where it took longer.
 */
export async function liveWithinAMinute(admin: Page, releaser: Page): Promise<boolean> {
  const prompt = "support/hours";
  const address = encodeURIComponent(prompt);
  const pushed = { file: FILE, message: "first", policy: GATE_ALONE, dataset: CASES };
  await askAs(admin, "POST", `/v1/prompts/${address}/versions`, pushed);
  await askAs(admin, "PUT", `/v1/prompts/${address}/labels`, {
    label: "production",
    version: 1,
    expectedRevision: 0,
    reason: "the first",
    force: true,
  });
  const began = performance.now();
  await editTestAndSave(releaser, { prompt, from: 1 }, "Be brief.");
  await startFromThere(releaser, "Start the rollout");
  await headlineOf(releaser, "Released to everybody");
  const tookMs = performance.now() - began;
  const { items } = await askAs<{
    items: readonly { readonly action: string; readonly principal: unknown }[];
  }>(admin, "GET", `/v1/audit?prompt=${address}&limit=20`);
  const actions = items.map(({ action }) => action);
  say(`live after ${Math.round(tookMs / 1_000)} s; in the audit log: ${actions.toReversed().join(", ")}`);
  return tookMs < MINUTE_MS && actions.includes("promoted") && actions.includes("rollout_started");
}
