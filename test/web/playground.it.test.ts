import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type EditorScene,
  FILE,
  openEditorScene,
  saved,
  saying,
  SLOW_MODEL,
  typeAtEnd,
} from "./support/editor-scene.ts";

const POLICY = {
  metrics: { rating: { window: "1h" } },
  gate: { dataset: "cases.yaml" },
  canary: {
    stages: [{ share: "50%" }],
    goal: { metric: "rating", direction: "higher", margin: 0.5 },
  },
};
const CASES = [
  {
    description: "a refund",
    vars: { product: "plans", question: "Can I get a refund for my plan?" },
    assert: [{ type: "contains", value: "30 days" }],
  },
  {
    description: "a <b>password</b> \u202e",
    vars: { product: "accounts", question: "I forgot my password." },
    assert: [{ type: "contains", value: "24 hours" }],
  },
];

let scene: EditorScene;
beforeAll(async () => {
  scene = await openEditorScene({ playgroundUsd: 0.2 });
});
afterAll(() => scene?.close());

/** With a golden set, and a second version. */
async function prompt(): Promise<string> {
  const name = await scene.newPrompt({ ...FILE, params: { temperature: 0.2, max_tokens: 300 } });
  await scene.ask("POST", `/v1/prompts/${encodeURIComponent(name)}/versions`, {
    file: {
      ...saying("You answer questions about {{ product }}, within 30 days.", "Be brief."),
      params: { max_tokens: 300 },
    },
    message: "shorter",
    policy: POLICY,
    dataset: CASES,
  });
  return name;
}

describe("the playground", () => {
  it("The playground streams two versions side by side, stops one, and marks what differs; tools and temperature are those of the version.", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, look }) => {
      const name = await prompt();
      await page.goto(`/p/${name}`);
      await page.getByRole("link", { name: "Try it" }).press("Enter");
      await page.getByRole("heading", { name: `Try ${name}` }).waitFor();
      await page.getByText("You have $0.20 of $0.20 left for today.").waitFor();
      // What the first test case of its golden set asks.
      await expect
        .poll(() => page.getByLabel("question", { exact: true }).inputValue(), { timeout: 30_000 })
        .toBe("Can I get a refund for my plan?");
      await page.getByRole("button", { name: "Add a column" }).press("Enter");
      const [second, first] = [
        page.getByRole("region", { name: "@2" }),
        page.getByRole("region", { name: "@1" }),
      ];
      await first.waitFor();
      await page.getByLabel("Of a test case").selectOption({ index: 2 });
      await page.getByLabel("question", { exact: true }).fill("Can I get my money back?");
      await page.keyboard.press("Control+Enter");
      await first.getByText(/tokens in, [\d,]+ out, first word after/).waitFor();
      await second.getByText(/tokens in, [\d,]+ out, first word after/).waitFor();
      expect(await page.locator(".play-column ins, .play-column del").count()).toBeGreaterThan(0);
      await page.getByText(/You have \$0\.\d\d of/).waitFor();
      await look("playground");
      // Nobody sees whose answer is whose until one was chosen.
      await page.getByRole("button", { name: "Compare blind" }).press("Enter");
      expect(await page.locator("main").textContent()).not.toMatch(/tokens in/);
      await page.getByRole("region", { name: "Answer B" }).waitFor();
      await page.getByRole("button", { name: "Answer A is better" }).press("Enter");
      await page.getByText(/^You chose Answer A: that was @[12]\./).waitFor();
      await page.getByText("chosen without knowing which it was").waitFor();
      await page.getByRole("button", { name: "Mark what differs" }).press("Enter");
      await expect
        .poll(() => page.locator(".play-column ins, .play-column del").count(), { timeout: 30_000 })
        .toBe(0);
      // What was asked before is said to be of other values.
      await page.getByLabel("product", { exact: true }).fill("chairs");
      await first.getByText("It was asked with other values").waitFor();
      // Its own temperature stands there, and another one is said to be another.
      await first.locator("summary").first().click();
      expect(await first.getByLabel("Temperature").getAttribute("placeholder")).toBe("0.2");
      await first.getByLabel("Model").fill(SLOW_MODEL);
      await first.getByLabel("Model").press("Enter");
      await first.getByText("model differs from @1").waitFor();
      await page.getByRole("button", { name: "Run all" }).press("Enter");
      await second.getByText(/tokens in/).waitFor();
      await first.getByText("Waiting for the first word…").waitFor();
      await first.getByRole("button", { name: "Stop @1" }).press("Enter");
      await first.getByText("Stopped.").waitFor();
      // All of it is in the address, but what was typed, which the window keeps.
      await page.reload();
      await first.getByText("model differs from @1").waitFor();
      expect(await page.getByLabel("product", { exact: true }).inputValue()).toBe("chairs");
      expect(page.url()).not.toContain("chairs");
      // What was answered is on the device, whole, and is opened again with the values that it was asked with.
      await page.getByRole("button", { name: "Open what @1 answered" }).first().press("Enter");
      await first.getByText(/tokens in, [\d,]+ out, first word after/).waitFor();
      expect(await page.getByLabel("product", { exact: true }).inputValue()).not.toBe("chairs");
    }));

  it("tries what is being written, says what cannot be asked and whose money is spent, and keeps none of it", () =>
    scene.browser.visit({ key: scene.keys.ben }, async ({ page, look }) => {
      const name = await prompt();
      await page.goto(`/p/${name}/~edit`);
      await typeAtEnd(page, "\nSay thank you.");
      await page.getByLabel("product", { exact: true }).fill("plans");
      await saved(page);
      await page.getByRole("button", { name: "Try it" }).click();
      const draft = page.getByRole("region", { name: "my draft from @2" });
      await draft.waitFor();
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await draft.getByRole("status").filter({ hasText: "question" }).waitFor();
      await page.getByLabel("question", { exact: true }).fill("Can I get a refund?");
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await draft.getByText(/tokens in/).waitFor();
      await draft.getByText("Keep as a test case").click();
      await draft.getByText(/"question": "Can I get a refund\?"/).waitFor();
      await look("playground, a draft");
      await scene.bench.store.query(
        "update sluice.daily_spending set spent_usd = 0.1999 where owner = 'ben'",
      );
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await draft.getByText(/a day that one person may spend on trying is left/).waitFor();
      await page.getByText("You have $0.00 of $0.20 left for today.").waitFor();
      await page.getByRole("link", { name: "Edit it" }).click();
      await page.getByText(/^Draft from @2 · saved/).waitFor();
      const rows: { n: number }[] = await scene.bench.store.query(
        "select count(*)::int as n from sluice.outcomes union all select count(*)::int from sluice.exposures",
      );
      expect(rows.map(({ n }) => n)).toEqual([0, 0]);
    }));

  it("tests what is being written from within the editor, beside what is live, and says where it is kept", () =>
    scene.browser.visit({ key: scene.keys.mia }, async ({ page, look }) => {
      const name = await prompt();
      await scene.bench.store.query(
        `insert into sluice.pointers (label, prompt, active_version) select 'production', prompt, id from sluice.versions where prompt = '${name}' and number = 2`,
      );
      const { sha256 } = await scene.ask("GET", `/v1/prompts/${encodeURIComponent(name)}/versions/2`);
      await scene.ask("PUT", "/v1/manifests", {
        repository: "github.com/acme/prompts",
        branch: "main",
        commit: "0".repeat(40),
        committedAt: new Date().toISOString(),
        owner: "git",
        environments: [
          {
            name: "production",
            label: "production",
            from: null,
            liveForMs: 0,
            scopes: [{ model: null, tenant: null }],
          },
        ],
        prompts: [{ prompt: name, path: "prompts/one.yaml", sha256 }],
        expectedRevision: 0,
      });
      await page.goto(`/p/${name}/~edit`);
      await page.getByText("saving a version here is refused").waitFor();
      await page.getByLabel("Of a test case").selectOption({ index: 1 });
      await expect
        .poll(() => page.getByLabel("product", { exact: true }).inputValue(), { timeout: 30_000 })
        .toBe("plans");
      await typeAtEnd(page, "\nTalk about the weather alone.");
      await saved(page);
      await page.getByRole("button", { name: "Test it", exact: true }).click();
      await page.getByText(/\d of 4 answers\.|It is being made ready\./).waitFor();
      await page.locator(".verdict").waitFor();
      await page.getByRole("region", { name: "The answer of @2" }).first().waitFor();
      await look("editor, tested");
      await typeAtEnd(page, " Please.");
      await page.getByText("This is of an earlier text").waitFor();
      await saved(page);
      await page.getByRole("button", { name: "Save as version…" }).click();
      await page.getByLabel("What changed and why?").fill("the weather");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("alert").filter({ hasText: "belongs to the repository" }).waitFor();
      await page.getByRole("button", { name: "Back to editing" }).click();
      await page.getByRole("button", { name: "Edit as YAML" }).click();
      const yaml = page.getByRole("textbox", { name: "The file, in YAML" });
      await yaml.fill((await yaml.inputValue()).replace("Please.", "Thanks."));
      await look("editor, as YAML");
      await yaml.fill("messages: [");
      await page.getByText("Not in the draft yet:").waitFor();
      await page.getByRole("button", { name: "Back to the form" }).click();
      await page.getByText("Talk about the weather alone. Thanks.").first().waitFor();
      await saved(page);
      await page.getByRole("button", { name: "Open in the playground" }).first().click();
      await page.getByRole("region", { name: "my draft from @2" }).waitFor();
    }));

  it("is looked at by viewers, who are told whom to ask, and read on a phone", () =>
    scene.browser.visit({ key: scene.keys.vic, phone: true }, async ({ page }) => {
      const name = await prompt();
      await page.goto(`/p/${name}/~play?of=2,1`);
      const run = page.getByRole("button", { name: "Run all" });
      await run.waitFor();
      expect(await run.getAttribute("aria-disabled")).toBe("true");
      await page.getByText("this takes an editor, a releaser or an admin; you are here as viewer").waitFor();
      await page.getByRole("region", { name: "@2" }).waitFor();
      expect(await page.getByRole("region", { name: "@1" }).isVisible()).toBe(false);
      await page.getByRole("button", { name: "@1", exact: true }).click();
      await page.getByRole("region", { name: "@1" }).waitFor();
      await page.goto("/p/no/such/~play");
      await page.getByRole("alert").waitFor();
    }));
});
