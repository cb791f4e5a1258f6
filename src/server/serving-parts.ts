import type { IncomingHttpHeaders } from "node:http";
import type { Source } from "../resolver/index.ts";
import type { Resolver } from "../resolver/resolver.ts";
import type { KnownCallers } from "./auth/known-callers.ts";
import type { Caller } from "./caller.ts";
import type { Limits } from "./requests/limits.ts";
import type { Streams } from "./streams.ts";

/** What a request shows of whoever sends it. */
export interface Credentials {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
  /** At the other end of the connection. */
  readonly peer: string | undefined;
  /** Whether the id alone of a key that browsers may know is enough. */
  readonly fromBrowsers?: boolean | undefined;
}

/** What is served from: pointers and versions, with a place for what came of them. */
export type ServedSource = Required<
  Pick<
    Source,
    | "read"
    | "readVersion"
    | "record"
    | "reportServing"
    | "exchangeCircuits"
    | "readSpentBudgets"
    | "reportCallers"
  >
>;

/** What it takes to serve, with a database or without. */
export interface ServingParts {
  readonly source: ServedSource;
  readonly resolver: Resolver;
  /** Who has shown a good key a moment ago. */
  readonly callers: KnownCallers;
  /** Who sends a request; `unauthenticated` where nothing that it shows is good. */
  readonly authenticate: (credentials: Credentials) => Promise<Caller>;
  readonly limits: Limits;
  readonly streams: Streams;
  /** Aborted when the server is about to end: nobody should be sent here any more. */
  readonly closing: AbortSignal;
}
