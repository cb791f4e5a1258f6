import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKey } from "../../src/access/key-text.ts";
import { parseWords } from "../../src/cli/parsing/parse-words.ts";
import { invalidInput } from "../../src/domain/errors.ts";
import { readPolicyFile } from "../../src/domain/policy/policy-file.ts";
import { parseDataset } from "../../src/evaluation/dataset/parse-dataset.ts";
import { seededRandom } from "../../src/local/model-server/seeded-random.ts";
import { digestJson } from "../../src/digest.ts";
import { createResolver, type Source, type SourceAnswer } from "../../src/resolver/index.ts";
import { readToken, writeToken } from "../../src/resolver/serving/token.ts";
import { loadPromptsOfFile } from "../../src/templates/load-prompt-file.ts";
import { artifact } from "../resolver/support/artifacts.ts";
import { INPUTS, refusalProblem, SEED, wrongWith } from "./support/hold.ts";
import { hostileJson, hostileText, hostileWords, type Random } from "./support/hostile-inputs.ts";

const PROMPT = `name: support-reply
description: Answers a customer's question
tags: [support]
model: openai/gpt-4.1-mini
params: { temperature: 0.2, max_tokens: 400 }
variables:
  product: { type: string, required: true }
  tier: { type: string, enum: [free, pro], default: free }
  items: { type: list }
  question: { type: string, required: true, untrusted: true, max_length: 4000 }
messages:
  - { role: system, content: "You answer about {{ product }}{% if tier == 'pro' %} at length{% endif %}." }
  - { placeholder: history }
  - { role: user, content: "{% for item in items %}{{ item.name | upper }}{% endfor %}{{ question }}" }
examples: [{ input: "a", output: "b" }]
tools: [{ type: function, function: { name: look, parameters: { type: object, properties: {} } } }]
output_schema: { type: object, properties: { answer: { type: string } }, required: [answer] }
`;
const POLICY = `gate: { dataset_sha256: "${"0".repeat(64)}", repeats: 3, min_pass_rate: 0.9, max_regression: 0.05 }
metrics:
  rating: { kind: mean, window: 30m, cap: 5 }
  error: { kind: rare, window: 15m, freshness: 10m }
canary:
  stages: [{ share: 5%, for: 1h }, { share: 25%, for: 4h }, { share: 50% }]
  interval: 30s
  goal: { metric: rating, direction: higher, claim: non_inferior, margin: 0.05 }
  guardrails: [{ metric: error, direction: lower, tolerated_ratio: 1.5, tolerated_increase: 0.5pp }]
  fuses: [{ metric: error, above: 0.2, ticks: 2 }]
  lease: 5m
approval: { before: canary, approvers: 1, timeout: 24h }
watch: { for: 24h, holdback: 5% }
notify: [{ webhook: "env:HOOK", secret: "vault:secret/hooks#key" }]
`;
const DATASET = `- description: password
  vars: { question: I forgot my password, product: Sluice }
  assert:
    - { type: contains, value: "24 hours", weight: 2 }
    - { type: regex, value: "^[a-z]+$" }
    - { type: javascript, value: "output.length < 10" }
    - { type: llm-rubric, value: "is polite", threshold: 0.5 }
- vars: { question: [a, b] }
  options: { transform: "output.trim()" }
`;
const COMMANDS = [
  ["rollout", "start", "support-reply@2", "--policy", "p.yaml", "--wait=gate"],
  ["push", "-m", "message", "prompts/a.yaml"],
  ["pointers", "set", "a@1", "--expected-revision", "3", "--reason", "r", "--force"],
  ["audit", "--verify", "--checkpoint", "c.json", "--json"],
  ["keys", "create", "--name", "n", "--role", "viewer", "--only-label", "x"],
] as const;
const UUID = "0198a0a0-1111-7222-8333-944455556666";
const TOKEN = {
  versionId: UUID,
  prompt: "a",
  label: "production",
  model: "",
  tenant: "",
  rolloutId: UUID,
  arm: "candidate",
  epoch: 1,
  unit: "0".repeat(64),
  rendered: true,
} as const;

/** Gives a door so many inputs, each from a seed of its own; what it takes badly is told with that seed. */
async function attack(door: (random: Random) => string | undefined | Promise<string | undefined>) {
  const violated: string[] = [];
  for (let seed = SEED; seed < SEED + INPUTS; seed++) {
    let problem: string | undefined;
    try {
      problem = await door(seededRandom(seed));
    } catch (error) {
      problem = `crashed: ${error instanceof Error ? error.stack : String(error)}`;
    }
    if (problem !== undefined) violated.push(`seed ${seed} ${problem}`);
  }
  return violated;
}

/** A reader takes a text, or refuses it. */
function readsOrRefuses(read: () => unknown): string | undefined {
  try {
    read();
    return wrongWith("");
  } catch (error) {
    return refusalProblem(error);
  }
}

describe("what was made up to do harm", () => {
  it("as a prompt file is refused in one line, or is a prompt", async () => {
    const read = (random: Random) => () => loadPromptsOfFile(hostileText([PROMPT], random), "a.yaml");
    expect(await attack((random) => readsOrRefuses(read(random)))).toEqual([]);
  });

  it("as a policy", async () => {
    const read = (random: Random) => () => readPolicyFile(hostileText([POLICY], random), "p.yaml");
    expect(await attack((random) => readsOrRefuses(read(random)))).toEqual([]);
  });

  it("as a dataset", async () => {
    const read = (random: Random) => () => parseDataset(hostileText([DATASET], random), "d.yaml");
    expect(await attack((random) => readsOrRefuses(read(random)))).toEqual([]);
  });

  it("as words of a command line is a mistake that is said in one line, or a command", async () => {
    const type = (random: Random) => {
      const parsed = parseWords(hostileWords(COMMANDS[Math.floor(random() * COMMANDS.length)]!, random));
      return "mistake" in parsed ? refusalProblem(invalidInput(parsed.mistake)) : undefined;
    };
    expect(await attack(type)).toEqual([]);
  });

  it("as a token or a key is nobody's", async () => {
    const good = writeToken(TOKEN);
    const show = (random: Random) => {
      const parts = JSON.parse(Buffer.from(good.slice(8), "base64url").toString()) as unknown[];
      const packed = `sluice1.${Buffer.from(JSON.stringify(hostileJson(parts, random))).toString("base64url")}`;
      for (const token of [packed, hostileText([good], random)]) {
        const content = readToken(token);
        // What it says goes into a batch: it has to be of the kinds that a batch has.
        if (content && typeof content.prompt !== "string") return `reads ${token}`;
        if (content && content.arm !== "unenrolled" && content.unit === null) return `reads ${token}`;
      }
      readKey(hostileText(["sluice_key_abc_def"], random), "key");
      return undefined;
    };
    expect(await attack(show)).toEqual([]);
  });

  const good = artifact("Answer");
  const version = { id: UUID, prompt: "a", number: 1, sha256: digestJson(good), artifact: good };
  const pointer = {
    label: "production",
    prompt: "a",
    model: "",
    tenant: "",
    activeVersion: UUID,
    previousVersion: null,
    candidateVersion: UUID,
    mode: "canary",
    share: 2_500,
    salt: "s",
    epoch: 1,
    rolloutId: UUID,
    leaseMs: 60_000,
    revision: 3,
  };

  /** Resolving never fails, whatever it is told, and says nothing that acts on a terminal. */
  async function resolves(source: Source, snapshotFile?: string): Promise<string | undefined> {
    const said: string[] = [];
    const prompts = await createResolver({
      source,
      pollMs: 4_000,
      // What is away takes nothing, however long it is waited for.
      recording: { closeTimeoutMs: 0 },
      ...(snapshotFile !== undefined && { snapshotFile }),
      onWarning: ({ message }) => void said.push(message),
    });
    try {
      for (const unit of ["u1", "u2"]) {
        const prompt = await prompts.resolve({ prompt: "a", unit });
        // What is sent is the artifact's: it may be one that takes other values, which is said.
        const problem = readsOrRefuses(() => [
          prompt.render({ name: "you" }),
          prompt.toOpenAI({ name: "you" }),
        ]);
        if (problem !== undefined) return problem;
        prompts.record(prompt, { metrics: { rating: 1 } });
      }
      prompts.resolveSync({ prompt: "a", unit: "u3" });
    } finally {
      await prompts.close();
    }
    return said.map(wrongWith).find((problem) => problem !== undefined);
  }
  const away: Source = {
    name: "a source that is away",
    read: () => Promise.reject(new Error("away")),
    readVersion: () => Promise.reject(new Error("away")),
    watch: (listener) => listener.disconnected(new Error("away")),
    record: () => Promise.reject(new Error("away")),
    close: () => Promise.resolve(),
  };

  it("as rows of the store is served as what it replaces", async () => {
    const serve = (random: Random) => {
      // With a right hash it gets past the first check.
      const told = random() < 0.5 ? hostileJson(good, random) : good;
      const rows = { pointers: [pointer], versions: [{ ...version, artifact: told, sha256: digest(told) }] };
      const answer = (random() < 0.5 ? hostileJson(rows, random) : rows) as SourceAnswer;
      const source: Source = {
        ...away,
        read: () => Promise.resolve(answer),
        watch: (listener) => listener.connected(),
      };
      return resolves(source);
    };
    expect(await attack(serve)).toEqual([]);
  });

  describe("and a snapshot", () => {
    let folder: string;
    beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "sluice-hostile-"))));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it("is not used, or only what of it is right", async () => {
      const { activeVersion, revision, label, prompt, model, tenant } = pointer;
      const snapshot = {
        pointers: [{ label, prompt, model, tenant, activeVersion, revision }],
        versions: [version],
      };
      const start = (random: Random) => {
        const body = JSON.stringify(hostileJson(snapshot, random));
        const whole = `{"sluiceSnapshot":1,"sha256":"${hash("sha256", body, "hex")}","body":${body}}\n`;
        const file = join(folder, "prompts.json");
        writeFileSync(file, random() < 0.7 ? whole : hostileText([whole], random));
        return resolves(away, file);
      };
      expect(await attack(start)).toEqual([]);
    });
  });
});

/** Of what cannot be hashed, any. */
function digest(value: unknown): string {
  try {
    return digestJson(value);
  } catch {
    return "0".repeat(64);
  }
}
