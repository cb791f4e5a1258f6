import { createHash } from "node:crypto";

/** Ours alone, drawn once. */
const NAMESPACE = Buffer.from("5d1c0f5a7e064a3f9a3c6a1d4b0b8e27", "hex");

/** The same UUID (version 5, RFC 9562) for each attempt at an activity of a run: its outcome counts once. */
export function activityOutcomeId(workflowId: string, runId: string, activityId: string): string {
  const name = JSON.stringify([workflowId, runId, activityId]);
  const bytes = createHash("sha1").update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
