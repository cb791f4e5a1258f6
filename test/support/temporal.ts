import { randomBytes } from "node:crypto";
import { inject } from "vitest";

/** The address of the run's Temporal server, started when the first test asks. Only in *.it.test.ts. */
export function temporalAddress(): Promise<string> {
  return ask("temporal");
}

/** The path of the workflow bundle, built once a run. */
export function workflowBundlePath(): Promise<string> {
  return ask("bundle");
}

/** A task queue that no other test polls. */
export function randomTaskQueue(): string {
  return `test-${randomBytes(8).toString("hex")}`;
}

async function ask(part: string): Promise<string> {
  const response = await fetch(`${inject("partsUrl")}/${part}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
