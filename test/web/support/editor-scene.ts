import { randomUUID } from "node:crypto";
import type { Locator, Page } from "playwright-core";
import { startModelServer } from "../../../src/local/model-server/server.ts";
import { createProviders } from "../../../src/providers/create-providers.ts";
import { LIST_PRICES } from "../../../src/providers/prices.ts";
import { openServer, type ServerBench } from "../../server/support/server-bench.ts";
import { type Browser, openBrowser } from "./browser.ts";

/** What prompts of these tests begin as. */
export const FILE = {
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
        "You answer questions about {{ product }}.\nBe polite.\nQuote the policy where it helps.\nNever promise a date.",
    },
    { role: "user", content: "{{ question }}" },
  ],
};

/** The same with other instructions. */
export function saying(...lines: readonly string[]): typeof FILE {
  const [, user] = FILE.messages;
  return { ...FILE, messages: [{ role: "system", content: lines.join("\n") }, user!] };
}

/** A server, a browser, and people with keys: mia and ben write, vic looks. */
export interface EditorScene {
  readonly bench: ServerBench;
  readonly browser: Browser;
  readonly keys: Readonly<Record<"ann" | "mia" | "ben" | "vic" | "service", string>>;
  // oxlint-disable-next-line typescript/no-explicit-any
  ask(method: string, path: string, body?: unknown, key?: string): Promise<any>;
  /** A prompt of its own with one version. */
  newPrompt(file?: object): Promise<string>;
  push(prompt: string, file: object, message: string, key?: string): Promise<void>;
  close(): Promise<void>;
}

/** Whoever asks it waits. */
export const SLOW_MODEL = "openai/gpt-5.4-mini+latency=600000";

export async function openEditorScene(own: Parameters<typeof openServer>[0] = {}): Promise<EditorScene> {
  const models = await startModelServer();
  const providers = createProviders({
    openai: { apiKey: "sk-scripted", baseURL: `${models.url}/v1` },
    anthropic: { apiKey: "sk-scripted", baseURL: models.url },
    prices: { ...LIST_PRICES, [SLOW_MODEL]: { input: 1, output: 1 } },
  });
  const bench = await openServer({
    limits: { read: 1_000, write: 1_000 },
    models: async () => providers,
    ...own,
  });
  const key = (role: "admin" | "editor" | "viewer" | "resolver", owner: string) => bench.key({ role, owner });
  const keys = {
    ann: await key("admin", "ann"),
    mia: await key("editor", "mia"),
    ben: await key("editor", "ben"),
    vic: await key("viewer", "vic"),
    service: await key("resolver", "shop"),
  };
  const browser = await openBrowser(() => bench.server.url);
  async function ask(method: string, path: string, body?: unknown, by = keys.ann): Promise<unknown> {
    const response = await fetch(`${bench.server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${by}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  }
  async function push(prompt: string, file: object, message: string, by?: string): Promise<void> {
    await ask("POST", `/v1/prompts/${encodeURIComponent(prompt)}/versions`, { file, message }, by);
  }
  return {
    bench,
    browser,
    keys,
    ask,
    push,
    async newPrompt(file = FILE) {
      const prompt = `support/${randomUUID().slice(0, 8)}`;
      await push(prompt, file, "first");
      return prompt;
    },
    async close() {
      await browser.close();
      await bench.close();
      await models.stop();
    },
  };
}

/** The text of a message, in its editor or in the plain field that stands there until it is loaded. */
export const textOf = (page: Page, message = 1): Locator =>
  page.getByRole("textbox", { name: `Text of message ${message}` });
/** What the model would get. */
export const rendered = (page: Page): Locator => page.getByRole("list", { name: "What the model gets" });
export const saved = (page: Page): Promise<void> => page.getByText(/^Draft.* · saved \d\d:\d\d$/).waitFor();

/** Types at the end of a message, by keys alone. */
export async function typeAtEnd(page: Page, text: string, message = 1): Promise<void> {
  await textOf(page, message).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(text);
}
