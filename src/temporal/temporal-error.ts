import { isGrpcServiceError } from "@temporalio/client";
import { NamespaceNotFoundError } from "@temporalio/common";
import { withoutSecrets } from "../domain/echoed-secret.ts";
import { invalidInput, SluiceError, unavailable } from "../domain/errors.ts";
import { cut, withQuotesCut } from "../domain/text/visible.ts";
import { whyUnreachable } from "./why-unreachable.ts";

const NOT_FOUND = 5;
const REFUSED = new Set([7, 16]);
const UNREACHABLE = 14;

export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
  readonly tls?: unknown;
  /** Never repeated, although the server or a gateway before it may. */
  readonly apiKey?: string;
}

/** What goes wrong between here and Temporal, as one line; what is no such thing stays as it is. */
export function temporalError(error: unknown, { address, namespace, apiKey }: TemporalPlace): unknown {
  removeKey(error, apiKey);
  for (let cause = error, depth = 0; cause && depth < MOST_CAUSES; cause = (cause as Error).cause, depth++) {
    if (cause instanceof NamespaceNotFoundError) return noNamespace(address, namespace, error);
    if (!isGrpcServiceError(cause)) continue;
    const { code, details } = cause;
    if (code === NOT_FOUND && /namespace/i.test(details)) return noNamespace(address, namespace, error);
    if (REFUSED.has(code))
      return new SluiceError(
        "forbidden",
        `Temporal at ${address} refuses access to namespace ${namespace} (${cut(details, 200)}); check TEMPORAL_API_KEY or the client certificate`,
        { address, namespace },
        { cause: error },
      );
    if (code === UNREACHABLE)
      return unavailable(
        `Temporal at ${address} cannot be reached (${cut(details, 200)}); start it, or check TEMPORAL_ADDRESS`,
        { address },
        error,
      );
    if (!(error instanceof SluiceError))
      return unavailable(
        `Temporal at ${address} refuses (${cut(details, 200)}); see its log, or ask again`,
        { address },
        error,
      );
  }
  return error;
}

const MOST_CAUSES = 6;

/** Takes a key that came back in somebody else's words out of an error and of what caused it. */
function removeKey(error: unknown, apiKey: string | undefined): void {
  if (apiKey === undefined) return;
  for (
    let cause = error, depth = 0;
    cause instanceof Error && depth < MOST_CAUSES;
    cause = cause.cause, depth++
  )
    for (const name of ["message", "stack", "details"] as const) {
      const text = (cause as { details?: unknown } & Error)[name];
      if (typeof text === "string" && withoutSecrets(text, [apiKey]) !== text)
        Object.defineProperty(cause, name, { value: withoutSecrets(text, [apiKey]), configurable: true });
    }
}

function noNamespace(address: string, namespace: string, cause: unknown): Error {
  return new SluiceError(
    "not_found",
    `Temporal at ${address} has no namespace ${namespace}; create it (temporal operator namespace create --namespace ${namespace}), or check TEMPORAL_NAMESPACE`,
    { address, namespace },
    { cause },
  );
}

/** A Temporal that could not be connected to, with the cause: a server that is well may refuse the key. */
export async function temporalUnreachable(place: TemporalPlace, cause: unknown): Promise<Error> {
  const known = temporalError(cause, place);
  if (known instanceof SluiceError && (known === cause || known.code === "forbidden")) return known;
  const { address, tls } = place;
  const why = await whyUnreachable(address, tls !== undefined && tls !== null && tls !== false);
  return unavailable(
    `Temporal at ${address} cannot be reached: ${why}; start it (sluice dev), or check TEMPORAL_ADDRESS`,
    { address, cause: why },
    cause,
  );
}

/** `host` or `host:port`, as it was given; anything else is `invalid_input`, which does not repeat it. */
export function assertTemporalAddress(address: string): string {
  const [, port] = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::(\d+))?$/.exec(address) ?? [undefined, "none"];
  if (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535)) return address;
  throw invalidInput(
    "the address of Temporal must be host:port, without http:// and without a path, as in TEMPORAL_ADDRESS=localhost:7233",
  );
}

/** What is wrong with Temporal's own variables or profile file. */
export function temporalConfigurationError(error: unknown): Error {
  const { message } = error as Error;
  return invalidInput(
    `Temporal's settings cannot be used (${cut(withQuotesCut(message.split("\n", 1)[0]!), 160)}); check TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and the other TEMPORAL_ variables`,
  );
}
