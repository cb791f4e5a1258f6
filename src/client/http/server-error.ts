import { type ErrorCode, SluiceError, unavailable } from "../../domain/errors.ts";

/** What only a request can meet, as a command would say it. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  invalid_input: "invalid_input",
  not_found: "not_found",
  conflict: "conflict",
  stale_evidence: "stale_evidence",
  gate_failed: "gate_failed",
  forbidden: "forbidden",
  unavailable: "unavailable",
  internal: "internal",
  unauthenticated: "forbidden",
  precondition_failed: "conflict",
  precondition_required: "invalid_input",
  too_large: "invalid_input",
  unsupported: "invalid_input",
  refused_batch: "invalid_input",
  key_reused: "conflict",
  rate_limited: "unavailable",
};

/** What the server writes in place of a route's address where it has none. */
const NO_ROUTE = "an address";

export interface Refusal {
  readonly status: number;
  /** What was asked, without values: `GET /v1/plan`. */
  readonly request: string;
  /** The body, parsed where it is JSON. */
  readonly body: unknown;
  /** For messages: `the server at https://…`. */
  readonly server: string;
  /** Where the key comes from, for whoever has to mend it. */
  readonly keyFrom: string;
}

/** An answer that is no success, as the error that a caller gets. */
export function serverError({ status, request, body, server, keyFrom }: Refusal): SluiceError {
  const problem = readProblem(body);
  if (status === 401)
    return new SluiceError(
      "forbidden",
      `${server} does not know this key, or it is no longer good; check ${keyFrom}, or make another: sluice keys create`,
    );
  if (!problem)
    return status === 404
      ? forGood(`${server} answered ${status}, and not as a Sluice server does; check the address`, status)
      : unavailable(
          `${server} answered ${status}, and not as a Sluice server does; look at what stands before it`,
          { status },
        );
  if (status === 501 || (status === 404 && problem.instance === NO_ROUTE))
    return forGood(
      `${server} does not do this (${request}): it is older than this Sluice, or does less; update it, or use the database`,
      status,
    );
  const { code, message, details } = problem;
  const known = CODES[code] ?? (status >= 500 ? "unavailable" : "invalid_input");
  return new SluiceError(known, known === "internal" ? `${server}: ${message}` : message, details);
}

/** `unavailable`, and the same again will be so too. */
export function forGood(message: string, status: number): SluiceError {
  return new SluiceError("unavailable", message, { status }, { retryable: false });
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
  readonly instance: string;
}

function readProblem(body: unknown): Problem | undefined {
  const { error, instance } = (typeof body === "object" && body !== null ? body : {}) as {
    error?: { code?: unknown; message?: unknown; details?: unknown };
    instance?: unknown;
  };
  if (typeof error?.code !== "string" || typeof error.message !== "string") return undefined;
  return {
    code: error.code,
    message: error.message,
    details: typeof error.details === "object" && error.details !== null ? { ...error.details } : {},
    instance: String(instance),
  };
}
