/** Codes of systems, sockets and TLS; Node's own of a wrong call (ERR_INVALID_ARG_TYPE and the like) are not among them. */
const OUTSIDE_CODE =
  /^(?:E[A-Z0-9]{2,}|ERR_SSL_\w+|ERR_TLS_\w+|UND_ERR_\w+|CERT_\w+|DEPTH_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/;
/** A statement that Postgres finds wrong is wrong on our side. */
const WRONG_STATEMENT = /^(?:0A|22|23|42)/;

/** Whether an error that nobody has put into words came from outside: the system, the network, Postgres, Temporal. */
export function isOutsideError(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 6; cause = cause.cause, depth++) {
    const { code, syscall, severity, details } = cause as {
      code?: unknown;
      syscall?: unknown;
      severity?: unknown;
      details?: unknown;
    };
    if (typeof severity === "string" && typeof code === "string") return !WRONG_STATEMENT.test(code);
    if (typeof syscall === "string") return true;
    if (typeof code === "string" && OUTSIDE_CODE.test(code)) return true;
    // A gRPC status.
    if (typeof code === "number" && typeof details === "string") return true;
    if (cause instanceof AggregateError && cause.errors.some(isOutsideError)) return true;
  }
  return false;
}
