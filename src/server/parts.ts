import type { FastifyRequest } from "fastify";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import type { SpentBudgets } from "../invoke/spent-budgets.ts";
import type { Database } from "../storage/database.ts";
import type { Listening } from "../storage/listen.ts";
import type { KeptAnswer } from "../use-cases/answer-once.ts";
import type { Models } from "../use-cases/try-prompt.ts";
import type { AuthoringNews } from "./authoring-news.ts";
import type { CheckedKeys } from "./auth/checked-keys.ts";
import type { People } from "./auth/people.ts";
import type { ProxyPeople } from "./auth/proxy-people.ts";
import type { WorkloadTokens } from "./auth/workload-tokens.ts";
import type { BrowserSettings } from "./auth/session-cookie.ts";
import type { Caller } from "./caller.ts";
import type { ComputePool } from "./compute/compute-pool.ts";
import type { LangfuseForward } from "./langfuse/forward.ts";
import type { LangfuseIntake } from "./langfuse/intake/langfuse-intake.ts";
import type { RememberedVerifications } from "./remembered-verifications.ts";
import type { RolloutNews } from "./rollout-news.ts";
import type { RolloutWatches } from "./rollout-watches.ts";
import type { Belonging } from "./serving/belonging.ts";
import type { ServingParts } from "./serving-parts.ts";
import type { SharedSource } from "./serving/shared-source.ts";

/** What routes work with. */
export interface Parts extends ServingParts {
  readonly db: Database;
  readonly source: SharedSource;
  readonly keys: CheckedKeys;
  /** Carries out once what its caller has named. */
  readonly once: (
    name: string,
    request: FastifyRequest,
    caller: Caller,
    run: (operationId: string) => Promise<NamedAnswer>,
  ) => Promise<KeptAnswer>;
  /** Those that may be known to browsers, by their id alone. */
  readonly browserKeys: CheckedKeys;
  /** Undefined where it was not said what tokens of CI jobs would be for. */
  readonly workloads: WorkloadTokens | undefined;
  /** Undefined where nobody signs in by an issuer. */
  readonly people: People | undefined;
  /** Undefined where no proxy is believed who somebody is. */
  readonly proxyPeople: ProxyPeople | undefined;
  readonly browsers: BrowserSettings;
  readonly belonging: Belonging;
  /** What Langfuse's clients report. */
  readonly langfuse: LangfuseIntake;
  /** Where they are passed on to as well. */
  readonly forward: LangfuseForward | undefined;
  readonly databaseUrl: string;
  /** Where notifications are listened for, when that is another address. */
  readonly listenUrl: string | undefined;
  readonly rollouts: RolloutsPort;
  readonly watches: RolloutWatches;
  /** What happens in any rollout. */
  readonly news: RolloutNews;
  /** For what takes seconds of computing. */
  readonly pool: ComputePool;
  readonly verifications: RememberedVerifications;
  /** What an evaluation that is asked for over HTTP may spend at most, in US dollars. */
  readonly maxEvaluationUsd: number;
  /** The models, as this server is told to reach them; loaded when the first is asked. */
  readonly models: () => Promise<Models>;
  /** The same for services that ask through this server: held back from what all processes have found to be away. */
  readonly invokedModels: () => Promise<Models>;
  /** What one person may spend a day on trying prompts, in US dollars; 0: nobody tries any here. */
  readonly playgroundUsd: number;
  /** What one owner's keys may spend a day on asking models through this server, in US dollars; 0: it asks none. */
  readonly invokeUsd: number;
  /** What stops calls that go through this server, and those of services. */
  readonly spentBudgets: SpentBudgets;
  /** New versions, and drafts that are written. */
  readonly authored: AuthoringNews;
  /** What Postgres tells of keys that were changed, and of what was written. */
  readonly told: Listening;
}

/** What was answered to a request that its caller has named. */
export interface NamedAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: KeptAnswer["headers"];
}
