import type { Client } from "@temporalio/client";
import type { ScopeColumns } from "../../../src/domain/scope.ts";
import type { Database } from "../../../src/storage/database.ts";
import type { Operation, Reading } from "./history.ts";
import type { PlannedOperation } from "./plan-schedule.ts";

/** Where operators sit. */
export interface Desk {
  readonly db: Database;
  readonly client: Client;
  /** Of servers, any of which may be asked, with this key. */
  readonly urls: readonly string[];
  readonly key: string;
  readonly scopes: readonly ScopeColumns[];
  readonly prompt: string;
  readonly versions: number;
  /** One of which each start uses. */
  readonly policies: readonly {
    /** As it is stored. */
    readonly sha256: string;
    readonly document: Readonly<Record<string, unknown>>;
  }[];
  /** What was asked, and what was answered. */
  readonly operations: Operation[];
  readonly readings: Reading[];
}

/** What has been decided before an operation is asked for the first time: it stays the same however often it is asked. */
export interface Request extends PlannedOperation {
  readonly target: ScopeColumns;
  readonly number: number;
  readonly policy: Desk["policies"][number];
  /** Of a compare-and-set. */
  readonly expected: number;
}

export interface Answered {
  /** Which rollout the answer is about. */
  readonly rolloutId?: string | undefined;
  /** The revision of the pointer that was moved. */
  readonly revision?: number | undefined;
}

export function requestOf(
  { scopes, versions, policies }: Desk,
  planned: PlannedOperation,
  expected: number,
): Request {
  return {
    ...planned,
    target: scopes[planned.scope]!,
    number: 1 + Math.floor(planned.choice * versions),
    policy: policies[Math.floor(planned.choice * 1_000) % policies.length]!,
    expected,
  };
}
