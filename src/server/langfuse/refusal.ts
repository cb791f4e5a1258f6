import { statusOf } from "../requests/problem.ts";

/** Whether an address is one that Langfuse's clients know: what is refused there is refused in their form. */
export function isForLangfuse(path: string): boolean {
  return path.startsWith("/api/public/");
}

/** What a Langfuse client is told of an error. */
export interface LangfuseRefusal {
  readonly message: string;
  readonly error: string;
}

const NAMES: Readonly<Record<number, string>> = {
  400: "InvalidRequestError",
  401: "UnauthorizedError",
  403: "ForbiddenError",
  404: "LangfuseNotFoundError",
  405: "MethodNotAllowedError",
  429: "RateLimitError",
  503: "ServiceUnavailableError",
};

/** Its clients try a 409 again up to nine times, for ten seconds; a refusal that stays is a 400 for them. */
const FINAL = new Set([409, 412, 415, 422, 428]);

/** The status and the body that a Langfuse client gets for an error; `detail` is the error's own one line. */
export function langfuseRefusal(
  error: unknown,
  detail: string,
): { readonly status: number; readonly body: LangfuseRefusal } {
  const own = statusOf(error);
  const status = FINAL.has(own) ? 400 : own;
  return { status, body: { message: detail, error: NAMES[status] ?? "InternalServerError" } };
}
