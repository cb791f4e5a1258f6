import { randomUUID } from "node:crypto";
import { fieldsOf } from "../../telemetry/span.ts";
import type { IngestionEvent } from "./ingestion-report.ts";
import { isId } from "./score.ts";

/** A score that has no id gets one: it counts as often as it is sent. */
export function idOfScore(score: unknown): string {
  const { id } = fieldsOf(score);
  return isId(id) ? id : randomUUID();
}

/** An event of a batch, as far as it is one. */
export function readEvent(given: unknown): IngestionEvent {
  const { id, type, body } = fieldsOf(given);
  return { ...(isId(id) && { id }), type: String(type), body };
}
