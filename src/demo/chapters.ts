import { fileURLToPath } from "node:url";
import type { Outcome } from "../domain/rollout/rollout.ts";

/** One version of the demo's prompt, and how its rollout must end. */
export interface Chapter {
  readonly title: string;
  /** The same in a table. */
  readonly short: string;
  readonly file: string;
  /** What changed and why, as its author would say. */
  readonly message: string;
  readonly expected: Outcome;
}

export const PROMPT = "support-reply";
export const PRODUCT = "Lumen";
const FOLDER = fileURLToPath(new URL("../../examples/support-reply/", import.meta.url));
export const POLICY_FILE = `${FOLDER}support-reply.rollout.yaml`;

/** The story: pushed in this order, so chapter n is version n. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: "the first version: correct and plain",
    short: "the first one",
    file: `${FOLDER}support-reply.yaml`,
    message: "first version: answers from the facts, as JSON",
    expected: "promoted",
  },
  {
    title: "a better one: numbered steps, quotes the policy",
    short: "better",
    file: `${FOLDER}better.yaml`,
    message: "numbered steps and the policy's own words, because people asked again",
    expected: "promoted",
  },
  {
    title: "a fluent one that users like less",
    short: "fluent, but worse",
    file: `${FOLDER}worse.yaml`,
    message: "a warmer and richer tone",
    expected: "rolled_back",
  },
  {
    title: "a broken one: forgets the format",
    short: "broken format",
    file: `${FOLDER}broken.yaml`,
    message: "letters instead of JSON",
    expected: "rejected",
  },
];
