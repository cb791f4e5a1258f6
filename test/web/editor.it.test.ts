import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openServer, type ServerBench } from "../server/support/server-bench.ts";
import { type Browser, openBrowser } from "./support/browser.ts";

const FILE = {
  description: "Answers a customer of the shop",
  model: "openai/gpt-5.4-mini",
  params: { temperature: 0.2 },
  variables: {
    product: { type: "string", required: true, trusted: true },
    question: { type: "string", required: true, untrusted: true, max_length: 4000 },
  },
  messages: [
    {
      role: "system",
      content:
        "You answer questions about {{ product }}.\nBe polite.\nQuote the policy.\nNever promise a date.",
    },
    { role: "user", content: "{{ question }}" },
  ],
};

let bench: ServerBench;
let browser: Browser;
let admin: string;
let mia: string;

beforeAll(async () => {
  bench = await openServer({ limits: { read: 1_000, write: 1_000 } });
  admin = await bench.key({ role: "admin", owner: "ann" });
  mia = await bench.key({ role: "editor", owner: "mia" });
  browser = await openBrowser(() => bench.server.url);
});
afterAll(async () => {
  await browser?.close();
  await bench?.close();
});

async function ask(method: string, path: string, body?: unknown, key = admin) {
  const response = await fetch(`${bench.server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.json();
}
/** A prompt of its own with one version. */
async function newPrompt(file: object = FILE): Promise<string> {
  const prompt = `support/${randomUUID().slice(0, 8)}`;
  await ask("POST", `/v1/prompts/${encodeURIComponent(prompt)}/versions`, { file, message: "first" });
  return prompt;
}
const text = (page: Page, message = 1) => page.getByRole("textbox", { name: `Text of message ${message}` });
const rendered = (page: Page) => page.getByRole("list", { name: "What the model gets" });
const saved = (page: Page) => page.getByText(/Draft.* · saved \d\d:\d\d/).waitFor();

describe("the editor", () => {
  it("shows what the model will get as it is typed, keeps it as a draft, and makes a version of it with a message", () =>
    browser.visit({ key: mia }, async ({ page, look }) => {
      const prompt = await newPrompt();
      await page.goto(`/p/${prompt}`);
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByText("You are looking at @1; typing makes a draft.").waitFor();
      await rendered(page).getByText("You answer questions about ‹product›.").waitFor();
      await look("editor");
      await text(page).focus();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("\nSay thank you.");
      await rendered(page).getByText("Say thank you.").waitFor();
      await saved(page);
      await page.getByLabel("product", { exact: true }).fill("chairs");
      await page.getByLabel("question", { exact: true }).fill("Where is my <untrusted> chair?");
      await rendered(page).getByText("You answer questions about chairs.").waitFor();
      await look("editor, typed");
    }));
});
