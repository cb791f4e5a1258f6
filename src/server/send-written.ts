import type { ServerResponse } from "node:http";
import type { WrittenAnswer } from "./route.ts";

/** Sends an answer with all its headers in one piece. */
export function sendWritten(
  response: ServerResponse,
  requestId: string,
  { status, headers, json, isAscii }: WrittenAnswer,
): void {
  response.writeHead(status, ["x-request-id", requestId, ...headers]).end(json, isAscii ? "latin1" : "utf8");
}
