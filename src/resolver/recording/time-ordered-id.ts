import { randomUUID } from "node:crypto";

let lastMs = 0;
let lastText = "";

/**
 * A UUID of version 7 (RFC 9562): the time in milliseconds, then chance. Ids of one moment lie side by side
 * in the store's index, so recording is as fast among ten million outcomes as among none.
 */
export function timeOrderedId(): string {
  const ms = Date.now();
  if (ms !== lastMs) {
    lastMs = ms;
    const digits = ms.toString(16).padStart(12, "0");
    lastText = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
  }
  return lastText + randomUUID().slice(15);
}
