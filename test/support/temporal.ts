import { randomBytes } from "node:crypto";
import { partOfRun } from "./run-parts.ts";

/** The address of the run's Temporal server, started when the first test asks. Only in *.it.test.ts and *.release.test.ts. */
export function temporalAddress(): Promise<string> {
  return partOfRun("temporal");
}

/** The path of the workflow bundle, built once a run. */
export function workflowBundlePath(): Promise<string> {
  return partOfRun("bundle");
}

/** A task queue that no other test polls. */
export function randomTaskQueue(): string {
  return `test-${randomBytes(8).toString("hex")}`;
}
