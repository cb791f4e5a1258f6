import type { LogLevel } from "@temporalio/worker";
import type { RetentionPeriods } from "../src/domain/retention.ts";
import type { Log } from "../src/telemetry/log-lines.ts";
import type { CheckpointKeeper } from "../src/outbound/checkpoint-place.ts";
import type { Providers } from "../src/providers/create-providers.ts";
import type { Database } from "../src/storage/database.ts";
import type { TemporalAddress } from "../src/temporal/connect.ts";
import type { BundleToKeep } from "../src/use-cases/keep-bundle.ts";

export interface WorkerOptions {
  readonly db: Database;
  /** For what lasts, so that a move never waits for a connection behind a thousand watches. Default `db`. */
  readonly lastingDb?: Database;
  readonly providers: Providers;
  readonly temporal: TemporalAddress;
  readonly taskQueue?: string;
  /** Path of a bundle that is already built. */
  readonly bundlePath?: string;
  readonly log: Log;
  readonly logLevel?: LogLevel;
  /** Where Temporal's SDK serves what it counts, `127.0.0.1:PORT`; absent: nowhere. */
  readonly temporalMetrics?: string;
  /** Where checkpoints of the audit log are kept; absent: nowhere. */
  readonly checkpointsTo?: CheckpointKeeper;
  /** Bundles to keep up as pointers move. */
  readonly bundles?: readonly BundleToKeep[];
  /** For how long each kind of what grows is kept; as long as is usual where absent. */
  readonly retention?: RetentionPeriods;
  /** Without what Temporal runs by the clock: somebody else's worker sees to it. */
  readonly withoutSchedules?: boolean;
  /** Between two looks for rollouts whose workflow is gone, in ms. Default 30,000. */
  readonly sweepIntervalMs?: number;
  /** Ends the worker when aborted, as SIGTERM does. */
  readonly signal?: AbortSignal;
}
