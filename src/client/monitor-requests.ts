import type { ScopeRequest } from "./requests.ts";

export interface MonitorsRequest {
  /** Of this prompt only. */
  readonly prompt?: string | undefined;
}

export interface AlertsRequest extends MonitorsRequest {
  /** Those that are over, too. */
  readonly all?: boolean | undefined;
}

export interface SetMonitorsRequest extends ScopeRequest {
  /** A monitor a name, as a file has them: `{ errors: { tolerate: "20%" }, slow: "off" }`. */
  readonly monitors: unknown;
}
