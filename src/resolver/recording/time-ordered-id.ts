import { randomUUID } from "node:crypto";

/**
 * A UUID of version 7 (RFC 9562): the time in milliseconds, then chance. Ids of one moment lie side by side
 * in the store's index, so recording is as fast among ten million outcomes as among none.
 */
export function timeOrderedId(): string {
  const ms = Date.now().toString(16).padStart(12, "0");
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${randomUUID().slice(15)}`;
}
