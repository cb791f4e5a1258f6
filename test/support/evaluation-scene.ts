import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoggedRequest } from "../../src/local/model-server/request-log.ts";
import type { Database } from "../../src/storage/database.ts";
import { pushPromptFiles } from "../../src/use-cases/push.ts";
import { setPointerByHand } from "../../src/use-cases/set-pointer.ts";
import type { RolloutTemporal } from "../../src/protocol/rollout-temporal.ts";
import { startRollout } from "../../src/use-cases/start-rollout.ts";
import type { StartedRollout } from "../../src/domain/shapes/rollouts.ts";
import { scopeColumns } from "../../src/domain/scope.ts";

/**
 * Evaluations of prompts that repeat what they are told, so that every call can be told from every other in
 * the model server's own log: versions differ in their system text, cases in their words.
 */
export interface EvaluationScene {
  readonly db: Database;
  readonly starter: RolloutTemporal;
  readonly prompt: string;
  /** Where the files of the scene are written. */
  readonly folder: string;
}

/** Version 1 is pushed and live. */
export async function seedRepeater(scene: EvaluationScene, model?: string): Promise<void> {
  await pushRepeater(scene, 1, model);
  await setPointerByHand(scene.db, {
    scope: scopeColumns({ label: "production", prompt: scene.prompt }),
    version: { prompt: scene.prompt, number: 1 },
    expectedRevision: 0,
    reason: "first",
    force: true,
    by: "test",
  });
}

/** A version that repeats the question; `model` may say how the scripted model behaves. */
export async function pushRepeater(
  { db, prompt, folder }: EvaluationScene,
  number: number,
  model = "openai/gpt-4.1-mini",
  fallbacks: readonly string[] = [],
): Promise<void> {
  const file = join(folder, `repeater-${number}.yaml`);
  const more = `fallbacks: [${fallbacks.join(", ")}]\nparams: { max_tokens: 100 }\n`;
  await writeFile(file, repeaterFile(prompt, number, model, more));
  await pushPromptFiles(db, [file], { author: "test", message: `repeater ${number}` });
}

/** The file of such a version; `more` is YAML for more of its keys. */
export function repeaterFile(
  prompt: string,
  number: number,
  model = "openai/gpt-4.1-mini",
  more = "",
): string {
  return `
name: ${prompt}
model: ${model}
${more}variables: { words: { type: string, required: true } }
messages:
  - { role: system, content: "You are number ${number}. Say the words that you are told." }
  - { role: user, content: "{{ words }}" }
`;
}

/** Starts the rollout of a version with a gate of so many cases; `gate` is YAML for more of its keys. */
export async function startGated(
  { db, starter, prompt, folder }: EvaluationScene,
  number: number,
  given: {
    readonly cases: number;
    readonly repeats?: number;
    readonly gate?: string;
    readonly expected?: (index: number) => string;
  },
): Promise<StartedRollout> {
  const expected = given.expected ?? ((index) => `case-${index} `);
  const cases = Array.from(
    { length: given.cases },
    (_, index) =>
      `- { vars: { words: "case-${index} of many" }, assert: [{ type: contains, value: "${expected(index)}" }] }`,
  );
  await writeFile(join(folder, "cases.yaml"), cases.join("\n"));
  const policyFile = join(folder, "gated.rollout.yaml");
  await writeFile(
    policyFile,
    `
gate: { dataset: cases.yaml, repeats: ${given.repeats ?? 1}, on_insufficient: canary${given.gate ? `, ${given.gate}` : ""} }
canary:
  stages: [{ share: 5% }, { share: 50% }]
  goal: { metric: rating, direction: higher, claim: superior }
`,
  );
  return startRollout(db, starter, {
    scope: scopeColumns({ label: "production", prompt }),
    prompt,
    number,
    policyFile,
    by: "test",
  });
}

/** What names a call: which version was asked what. */
export function callKey({ system, user }: Pick<LoggedRequest, "system" | "user">): string {
  return `${/number (\d+)/.exec(system)?.[1]}/${/case-(\d+)/.exec(user)?.[1]}`;
}
