import type { ServerResponse } from "node:http";
import { SluiceError, messageOf } from "../../domain/errors.ts";
import type { RefusingFault } from "./behaviour.ts";

/** Whether an address is one of Anthropic's messages, at a cloud or itself. */
export function isAnthropics(path: string): boolean {
  return /^\/(?:v1\/messages|v1\/projects\/|model\/)/.test(path);
}

/** Answers as a vendor does that is in trouble. */
export function sendFault(response: ServerResponse, fault: RefusingFault, path: string): void {
  switch (fault) {
    case "429":
      // Both headers: the SDKs prefer the milliseconds.
      response.setHeader("retry-after", "1").setHeader("retry-after-ms", "100");
      return error(response, path, 429, "rate_limit_error", "Rate limit reached (scripted).");
    case "500":
      return error(
        response,
        path,
        500,
        isAnthropics(path) ? "api_error" : "server_error",
        "The server had an error (scripted).",
      );
    case "529":
      return error(response, path, 529, "overloaded_error", "Overloaded (scripted).");
    case "401":
      return error(response, path, 401, "authentication_error", "The API key is not valid (scripted).");
    case "context-length":
      return error(
        response,
        path,
        400,
        isAnthropics(path) ? "invalid_request_error" : "context_length_exceeded",
        isAnthropics(path)
          ? "prompt is too long: 250000 tokens > 200000 maximum (scripted)"
          : "This model's maximum context length is 128000 tokens (scripted).",
      );
    case "content-filter":
      return error(
        response,
        path,
        400,
        isAnthropics(path) ? "invalid_request_error" : "content_filter",
        "The request was refused by the content filter (scripted).",
      );
    case "malformed":
      return void response
        .writeHead(200, { "content-type": "application/json" })
        .end('{"id":"cut-off","choices":[{"mess');
    case "html":
      return void response
        .writeHead(502, { "content-type": "text/html" })
        .end("<html><body><h1>502 Bad Gateway</h1></body></html>");
    case "empty":
      return void response.writeHead(200, { "content-type": "application/json" }).end();
    case "reset":
      return void response.destroy();
    case "hang":
      // Nothing at all: the connection stays open until the caller has had enough.
      return;
  }
}

/** A cloud's login that it does not take. */
export function sendRefusedLogin(response: ServerResponse, path: string, problem: string): void {
  const status = path.startsWith("/model/") ? 403 : 401;
  error(response, path, status, "authentication_error", `${problem} (scripted)`);
}

/** A request that cannot be read, in the wire's own form. */
export function sendProblem(response: ServerResponse, path: string, problem: unknown): void {
  const message = messageOf(problem);
  if (problem instanceof SluiceError && problem.code === "not_found")
    return error(response, path, 404, "not_found_error", message);
  if (problem instanceof SluiceError) return error(response, path, 400, "invalid_request_error", message);
  error(response, path, 500, "server_error", message);
}

function error(response: ServerResponse, path: string, status: number, type: string, message: string): void {
  const body = path.startsWith("/model/")
    ? { message }
    : isAnthropics(path)
      ? { type: "error", error: { type, message } }
      : { error: { message, type, param: null, code: type } };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
