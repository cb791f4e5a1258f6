import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installPromptfoo } from "../../../scripts/proofs/promptfoo/install.ts";
import { chatAnswer, wireServer } from "../../providers/wire-server.ts";
import { pythonWith } from "../../support/python-packages.ts";
import { artifact } from "../../resolver/support/artifacts.ts";
import { call } from "../support/checked-call.ts";
import { armsOfServed, openLangfuseCanary, PROMPT, type LangfuseCanary } from "./support/langfuse-canary.ts";
import { runPythonService } from "./support/python-service.ts";
import { askThroughLiteLlm, evaluateByPromptfoo } from "./support/tool-services.ts";

/** All of them take minutes to get: `npm run prove -- langfuse-clients` runs this file with LANGFUSE_CLIENTS=all. */
const isProof = process.env["LANGFUSE_CLIENTS"] === "all";
const NEWEST = "5.0.4";
const PYTHON = isProof ? [NEWEST, "4.18.0", "3.15.0", "2.60.10"] : [NEWEST];
const INSTALLED_WITHIN_MS = isProof ? 900_000 : 120_000;
const USERS = Array.from({ length: 24 }, (_, i) => `python-${i}`);

let canary: LangfuseCanary;
beforeEach(async () => {
  canary = await openLangfuseCanary({ langfuseHoldMs: 600_000 });
});
afterEach(() => canary.close());

describe("Langfuse's client for Python", { timeout: isProof ? 1_200_000 : 180_000 }, () => {
  it.for(PYTHON)(
    "%s takes part in a canary: each user in their arm, with a score each",
    async (version, { skip }) => {
      const found = await pythonWith(
        `langfuse-python-${version}`,
        [`langfuse==${version}`],
        INSTALLED_WITHIN_MS,
      );
      if ("missing" in found && !isProof) return skip(`no Python with langfuse: ${found.missing}`);
      if ("missing" in found) throw new Error(`langfuse ${version} cannot be had: ${found.missing}`);
      const key = await canary.bench.key();
      const job = { prompt: PROMPT, users: USERS, scores: { 1: 3, 2: 5 } };
      const served = await runPythonService(found.python, canary.bench.server.url, key, job);
      const arms = armsOfServed(served);
      expect(Object.keys(arms).length).toBeGreaterThan(4);
      expect(await canary.arms()).toEqual(arms);
      const joined = await canary.outcomes("rollout_id = $1 and status = 'joined'", [canary.rollout]);
      const ratings = joined.filter(({ metrics }) => "rating" in metrics);
      const byUnit = Object.fromEntries(ratings.map(({ unit, metrics }) => [unit, metrics["rating"]]));
      const scores = Object.entries(arms).map(([unit, arm]) => [unit, arm === "candidate" ? 5 : 3]);
      expect(byUnit).toEqual(Object.fromEntries(scores));
      expect(ratings).toHaveLength(scores.length);
      expect(joined).toHaveLength(2 * ratings.length);
      expect(await canary.intake(key)).toEqual({ generation: USERS.length, score: USERS.length });
    },
  );
});

/** Tools that get prompts from Langfuse's address and ask models themselves. */
describe.runIf(isProof)("a tool that reads Langfuse's prompts", { timeout: 1_200_000 }, () => {
  const CHAT = "lf/chat";
  const asked = (body: string) =>
    JSON.parse(body) as { model: string; messages: { role: string; content: string }[] };

  /** The versions that these cells are served, as the server says: some of each arm. */
  async function someCells(key: string): Promise<{ label: string; text: string }[]> {
    const cells = Array.from(
      { length: 24 },
      (_, i) => `production~~${(i * 10).toString(16).padStart(2, "0")}`,
    );
    const answers = await Promise.all(
      cells.map((label) =>
        call(canary.bench.server.url, `GET /api/public/v2/prompts/lf%2Fhelp?label=${label}`, { key }),
      ),
    );
    return answers.map(({ body }, i) => ({ label: cells[i]!, text: body.prompt[0].content as string }));
  }

  async function addChat(): Promise<void> {
    const { store } = canary.bench;
    const messages = [
      { role: "system", content: "You help {{name}}." },
      { role: "user", content: "{{question}}" },
    ] as const;
    const variables = { name: { type: "string" }, question: { type: "string" } } as const;
    const config = { model: "gpt-4.1-mini" };
    const id = await store.addVersion(CHAT, artifact("", { messages, variables, config }));
    await store.movePointer({ label: "production", prompt: CHAT }, { active_version: id });
  }

  it("LiteLLM asks models with the prompts that are served, its users' cells in their arms", async () => {
    const found = await pythonWith("litellm-1.110.2", ["litellm==1.110.2", "langfuse==4.18.0"], 900_000);
    if ("missing" in found) throw new Error(`LiteLLM cannot be had: ${found.missing}`);
    await using models = await wireServer(chatAnswer("hello"));
    await addChat();
    const key = await canary.bench.key();
    const place = { baseUrl: canary.bench.server.url, secretKey: key, models: `${models.url}/v1` };
    const cells = await someCells(key);
    expect(new Set(cells.map(({ text }) => text))).toEqual(new Set(["One, {{name}}", "Two, {{name}}"]));
    const asks = cells.map(({ label }) => ({ prompt_label: label, prompt_variables: { name: "Ann" } }));
    const plain = { prompt_variables: { name: "Ann" } };
    const job = {
      prompt: PROMPT,
      model: "gpt-4.1-mini",
      asks: [...asks, plain, { ...plain, prompt_version: 2 }],
    };
    const said = await askThroughLiteLlm(found.python, place, job);
    expect(said.filter((problem) => problem !== null)).toEqual([]);
    const wanted = [...cells.map(({ text }) => text), "One, {{name}}", "Two, {{name}}"];
    const sent = models.requests.map(({ body }) => asked(body));
    expect(sent.map(({ messages }) => messages.map(({ content }) => content))).toEqual(
      wanted.map((text) => [text.replace("{{name}}", "Ann")]),
    );
    // The model is the version's, whatever the service names.
    expect(new Set(sent.map(({ model }) => model))).toEqual(new Set(["gpt-5.4-mini"]));
    const chat = {
      prompt: CHAT,
      model: "gpt-5.4-mini",
      asks: [{ prompt_variables: { name: "Ann", question: "Why?" } }],
    };
    expect(await askThroughLiteLlm(found.python, place, chat)).toEqual([null]);
    expect(asked(models.requests.at(-1)!.body)).toMatchObject({
      model: "gpt-4.1-mini",
      messages: [
        { role: "system", content: "You help Ann." },
        { role: "user", content: "Why?" },
      ],
    });
    const gone = { prompt: "lf/nothing", model: "gpt-4.1-mini", asks: [{}] };
    expect(await askThroughLiteLlm(found.python, place, gone)).toEqual([
      expect.stringContaining("lf/nothing"),
    ]);
  });

  it("promptfoo evaluates the prompts that are served, by label and by number", async () => {
    const command = installPromptfoo(["@langfuse/client"]);
    await using models = await wireServer(chatAnswer("hello"));
    await addChat();
    const key = await canary.bench.key();
    const place = { baseUrl: canary.bench.server.url, secretKey: key, models: `${models.url}/v1` };
    const folder = await mkdtemp(join(tmpdir(), "sluice-promptfoo-"));
    try {
      const prompts = [
        `langfuse://${PROMPT}@production:chat`,
        `langfuse://${PROMPT}:2:chat`,
        `langfuse://${CHAT}@latest:chat`,
      ];
      const vars = { name: "Ann", question: "Why?" };
      const found = await evaluateByPromptfoo(command, place, folder, prompts, vars);
      expect(found.map(({ error }) => error)).toEqual([null, null, null]);
      const sent = models.requests.map(({ body }) => asked(body).messages.map(({ content }) => content));
      expect(sent).toEqual([["One, Ann"], ["Two, Ann"], ["You help Ann.", "Why?"]]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
