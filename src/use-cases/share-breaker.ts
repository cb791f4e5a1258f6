import { type Breaker, breakerOver } from "../providers/breaking/circuit-breaker.ts";
import { EndpointBreaker } from "../providers/breaking/endpoint-breaker.ts";
import type { ExchangeCircuits } from "../providers/breaking/shared-circuits.ts";
import type { Database } from "../storage/database.ts";
import { postgresBreakerStore } from "../storage/write/provider-breaker.ts";

/** Shorter than an evaluation waits for an endpoint, so that a short outage is over before it gives up. */
const POLICY = { threshold: 10, openMs: 5_000 };

/** A circuit breaker per endpoint that all processes on one database share. */
export function shareBreaker(db: Database): Breaker {
  return breakerOver(postgresBreakerStore(db), POLICY);
}

/** What holds calls for users back, as this process and those that it exchanges with have found it. */
export function shareCircuits(exchange: ExchangeCircuits): EndpointBreaker {
  return new EndpointBreaker({}, undefined, exchange);
}
