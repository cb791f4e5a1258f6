import { ActivityFailure, isCancellation, setWorkflowOptions, workflowInfo } from "@temporalio/workflow";
import type { RetentionResult } from "../src/domain/shapes/retention.ts";
import { lasting, retentionSteps } from "./proxies.ts";

setWorkflowOptions({ failureExceptionTypes: [Error] }, retention);

const HEARTBEAT_MS = 15_000;

/** Goes once through all that has its time, table by table, and says what it has removed. A schedule runs it daily. */
export async function retention(): Promise<RetentionResult> {
  const { runId } = workflowInfo();
  const removed: Record<string, number> = {};
  const problems: Record<string, string> = {};
  for (const { table, before } of await retentionSteps.beginRetention({ runId })) {
    removed[table] = 0;
    try {
      for (let fromBlock: number | null = 0; fromBlock !== null;) {
        const { rows, next }: { rows: number; next: number | null } =
          await retentionSteps.removeExpired.executeWithOptions(
            { ...lasting(HEARTBEAT_MS), summary: `${table}, from page ${fromBlock}` },
            [{ table, before, fromBlock }],
          );
        removed[table] += rows;
        fromBlock = next;
      }
    } catch (error) {
      if (isCancellation(error)) throw error;
      // One table that cannot be gone through keeps nobody from the others.
      problems[table] =
        error instanceof ActivityFailure ? (error.cause?.message ?? error.message) : String(error);
    }
  }
  await retentionSteps.endRetention({ runId, removed, problems });
  return { removed, problems };
}
