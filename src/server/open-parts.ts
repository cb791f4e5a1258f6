import type { IdentitySettings } from "../access/identity-settings.ts";
import { unavailable } from "../domain/errors.ts";
import type { LangfuseAddress } from "../domain/addresses/langfuse-address.ts";
import type { RateLimits } from "../domain/access/rate-limits.ts";
import type { RolesFile } from "../domain/access/roles-file.ts";
import type { ContentPlace } from "../outbound/contents/content-place.ts";
import { openContents } from "../outbound/contents/open-contents.ts";
import { SpentBudgets } from "../invoke/spent-budgets.ts";
import type { RolloutsPort } from "../protocol/rollout-controls.ts";
import { createResolver } from "../resolver/index.ts";
import { AUTHORED_CHANNEL } from "../storage/authored-channel.ts";
import { openDatabase, type Database } from "../storage/database.ts";
import { listen } from "../storage/listen.ts";
import { browserKey, checkKey } from "../storage/read/checked-key.ts";
import { readRolloutChanges } from "../storage/read/rollout-changes.ts";
import { statusOfRollout } from "../storage/read/rollout-status.ts";
import { shareCircuits } from "../use-cases/share-breaker.ts";
import type { Models } from "../use-cases/try-prompt.ts";
import { authenticate } from "./auth/authenticate.ts";
import { AuthoringNews } from "./authoring-news.ts";
import { CheckedKeys } from "./auth/checked-keys.ts";
import { KnownCallers } from "./auth/known-callers.ts";
import { OidcClient } from "./auth/oidc-client.ts";
import { People } from "./auth/people.ts";
import { ProxyPeople } from "./auth/proxy-people.ts";
import { WorkloadTokens } from "./auth/workload-tokens.ts";
import { ComputePool } from "./compute/compute-pool.ts";
import { type ForwardCounts, LangfuseForward } from "./langfuse/forward.ts";
import { LangfuseIntake } from "./langfuse/intake/langfuse-intake.ts";
import { Limits } from "./requests/limits.ts";
import { once } from "./requests/once.ts";
import { RememberedVerifications } from "./remembered-verifications.ts";
import { RolloutNews } from "./rollout-news.ts";
import { RolloutWatches } from "./rollout-watches.ts";
import { Belonging } from "./serving/belonging.ts";
import { SharedSource } from "./serving/shared-source.ts";
import { Streams } from "./streams.ts";

import type { Parts } from "./parts.ts";

export interface PartsOptions {
  readonly databaseUrl: string;
  /** Where notifications are listened for, when the other address is a pooler's that passes none on. */
  readonly listenUrl?: string | undefined;
  /** Where what is too large for a row of the database is kept. */
  readonly contents?: ContentPlace | undefined;
  readonly onWarning: (code: string) => void;
  readonly closing: AbortSignal;
  /** Temporal; without it what needs it is `unavailable`. */
  readonly rollouts?: RolloutsPort | undefined;
  /** Where keys may send more or less than usual. */
  readonly limits?: RateLimits | undefined;
  /** What an evaluation that is asked for may spend at most, in US dollars. Default 10. */
  readonly maxEvaluationUsd?: number | undefined;
  /** The models that are asked here, behind a breaker where one is given; without them there are none here. */
  readonly models?: AskedModels | undefined;
  /** What one person may spend a day on trying prompts, in US dollars. Default 2. */
  readonly playgroundUsd?: number | undefined;
  /** What one owner's keys may spend a day on asking models through this server, in US dollars. Default 0: it asks none. */
  readonly invokeUsd?: number | undefined;
  /** How people and CI jobs are known, beside keys; by keys alone when absent. */
  readonly identity?: IdentitySettings | undefined;
  /** What people may do, by what their issuer says of them. */
  readonly roles?: RolesFile | undefined;
  /** The same of people whom a proxy names. */
  readonly proxyRoles?: RolesFile | undefined;
  /** Whether browsers come by TLS, the server's own or a proxy's. */
  readonly secure?: boolean | undefined;
  /** A Langfuse that is passed on what its clients report. */
  readonly langfuseForward?: LangfuseAddress | undefined;
  /** Told every minute what has become of what was passed on. */
  readonly onForwarded?: ((counts: ForwardCounts) => void) | undefined;
  /** How long a Langfuse generation waits for its trace to say whose it is, in ms. Default 10,000. */
  readonly langfuseHoldMs?: number | undefined;
}

type AskedModels = (breaker?: ReturnType<typeof shareCircuits>) => Promise<Models>;

const MAX_EVALUATION_USD = 10;
const PLAYGROUND_USD = 2;

/** Of the trigger on `sluice.keys`: the id of a key that was revoked or changed. */
const KEY_CHANNEL = "sluice_keys";
/** Requests remembered by the server's own resolver, which serves everybody that has none. */
const REMEMBERED = 10_000;

/** Opens everything. Nothing fails for want of Postgres: it is asked again until it is there. */
export async function openParts(options: PartsOptions): Promise<Parts> {
  const { databaseUrl, listenUrl, onWarning, closing, limits, rollouts = NO_TEMPORAL } = options;
  const db = openDatabase(databaseUrl, { contents: options.contents && openContents(options.contents) });
  const source = new SharedSource(databaseUrl, listenUrl);
  const streams = new Streams();
  source.watch({
    moved: (scope) => streams.pointerMoved(scope),
    // What has moved while nothing was heard is not known.
    connected: () => streams.pointerMoved(),
    disconnected: () => undefined,
  });
  const resolver = await createResolver({
    source,
    cache: { max: REMEMBERED },
    onWarning: ({ code }) => onWarning(code),
  });
  const keys = new CheckedKeys((shown) => checkKey(db, shown));
  const browserKeys = new CheckedKeys(({ id }) => browserKey(db, id));
  const belonging = new Belonging(db);
  const authored = new AuthoringNews();
  const told = listen(listenUrl ?? databaseUrl, {
    [KEY_CHANNEL]: {
      heard: (id) => {
        keys.forget(id);
        browserKeys.forget(id);
        void streams.check(id);
      },
      missed: () => {
        keys.forget();
        browserKeys.forget();
      },
    },
    [AUTHORED_CHANNEL]: authored,
  });
  const pool = new ComputePool({ databaseUrl, contents: options.contents });
  const watches = new RolloutWatches((id) => statusOfRollout(db, id));
  const models: AskedModels = options.models ?? NO_MODELS;
  const breaker = shareCircuits((told) => resolver.exchangeCircuits(told));
  const spentBudgets = new SpentBudgets(() => source.readSpentBudgets());
  for (const one of [breaker, spentBudgets])
    closing.addEventListener("abort", () => one.close(), { once: true });
  const parts: Parts = {
    db,
    source,
    resolver,
    keys,
    once: (name, request, caller, run) => once(name, request, caller, parts, run),
    authenticate: (credentials) => authenticate(parts, credentials),
    callers: new KnownCallers(keys),
    browserKeys,
    workloads: workloadTokens(options.identity),
    people: peopleOf(options, db),
    proxyPeople: proxyPeopleOf(options, db),
    browsers: { secure: options.secure ?? false, origin: options.identity?.publicUrl },
    limits: new Limits(limits),
    streams,
    belonging,
    langfuse: new LangfuseIntake(db, belonging, options.langfuseHoldMs),
    forward: forwardOf(options),
    databaseUrl,
    listenUrl,
    rollouts,
    watches,
    news: new RolloutNews(() => readRolloutChanges(db)),
    pool,
    verifications: new RememberedVerifications((grants) => pool.compute("verify", grants, closing)),
    maxEvaluationUsd: options.maxEvaluationUsd ?? MAX_EVALUATION_USD,
    models: () => models(),
    invokedModels: () => models(breaker),
    playgroundUsd: options.playgroundUsd ?? PLAYGROUND_USD,
    invokeUsd: options.invokeUsd ?? 0,
    spentBudgets,
    authored,
    told,
    closing,
  };
  return parts;
}

function forwardOf({
  langfuseForward: address,
  onForwarded = () => undefined,
}: PartsOptions): LangfuseForward | undefined {
  return address && new LangfuseForward(address, onForwarded);
}

function peopleOf({ identity, roles }: PartsOptions, db: Database): People | undefined {
  if (!identity?.oidc || identity.publicUrl === undefined || !roles) return undefined;
  const { oidc, publicUrl, permitted } = identity;
  return new People(new OidcClient(oidc, publicUrl, roles.claim, permitted), oidc.issuer, roles, db);
}

function proxyPeopleOf({ identity, proxyRoles }: PartsOptions, db: Database): ProxyPeople | undefined {
  return identity?.proxy && proxyRoles && new ProxyPeople(identity.proxy, proxyRoles, db);
}

function workloadTokens(identity: IdentitySettings | undefined): WorkloadTokens | undefined {
  if (identity?.publicUrl === undefined) return undefined;
  return new WorkloadTokens(identity.publicUrl, identity.workloadIssuers, identity.permitted);
}

const NO_MODELS = () => Promise.reject(unavailable("this server was started without models"));

const NO_TEMPORAL: RolloutsPort = {
  use: () => Promise.reject(unavailable("this server was started without a Temporal")),
  close: async () => undefined,
};

/** Ends the streams, sends what is still to be recorded, and closes. */
export async function closeParts(parts: Parts): Promise<void> {
  const { db, source, resolver, streams, rollouts, pool, told, langfuse, forward, callers } = parts;
  await streams.end();
  callers.close();
  await pool.close();
  await langfuse.close();
  await forward?.close();
  await told.close();
  await rollouts.close();
  await resolver.close();
  await source.end();
  await db.destroy();
}
