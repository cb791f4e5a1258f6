import type { PastPointer, ListedPointer } from "../shapes/pointers.ts";
import type { ListedRollout } from "../shapes/rollouts.ts";
import type { PlannedEnvironment } from "../shapes/syncing.ts";
import { labelWait, type LabelOrder, lastWait, type Place, type Wait } from "./last-wait.ts";
import type { Environment } from "./repository-file.ts";

/** What is known of a prompt in the store. */
export interface PromptInStore {
  readonly pointers: readonly ListedPointer[];
  /** What each scope serves now, and since when. */
  readonly since: readonly PastPointer[];
  /** The newest first. */
  readonly rollouts: readonly ListedRollout[];
  /** What labels themselves ask. */
  readonly labels: readonly LabelOrder[];
}

/** An environment without its policy: from `sluice.yaml`, or from a manifest. */
export type PlacedEnvironment = Pick<Environment, "name" | "label" | "from" | "liveForMs" | "scopes">;

/**
 * What happens to one version of a prompt in each environment, in their order.
 *
 * @param version its number; null for content that no version has
 * @param elapsed how long ago a time was, in ms
 */
export function planEnvironments(
  environments: readonly PlacedEnvironment[],
  prompt: string,
  version: number | null,
  known: PromptInStore,
  elapsed: (since: string) => number,
): PlannedEnvironment[] {
  const name = version === null ? null : `${prompt}@${version}`;
  const at = (place: Place) => (one: Place & { readonly prompt: string | null }) =>
    one.prompt === prompt &&
    one.label === place.label &&
    one.model === place.model &&
    one.tenant === place.tenant;
  /** Since when an environment serves it in all of its scopes; undefined: it does not. */
  const servedSince = (environment: PlacedEnvironment): string | undefined => {
    const sinces = placesOf(environment).map((place) => {
      const found = known.since.find(at(place));
      return name !== null && found?.active === name ? (found.since ?? undefined) : undefined;
    });
    return sinces.includes(undefined) ? undefined : (sinces as string[]).toSorted().at(-1);
  };

  const own = known.since.filter((one) => one.prompt === prompt);
  const waitsOf = (environment: PlacedEnvironment, place: Place): Wait[] => {
    const from = environments.find((other) => other.name === environment.from);
    const { liveForMs } = environment;
    const wait = from && { from: from.name, liveForMs, since: servedSince(from) };
    return [...(wait ? [wait] : []), ...labelWait(place, known.labels, own, name)];
  };

  return environments.flatMap((environment) =>
    placesOf(environment).map((place): PlannedEnvironment => {
      const live = known.pointers.find(at(place))?.active ?? null;
      const tried =
        name === null ? [] : known.rollouts.filter((one) => one.candidate === name).filter(at(place));
      const wait = lastWait(waitsOf(environment, place), elapsed);
      const base = {
        environment: environment.name,
        ...place,
        live,
        rolloutId: tried[0]?.rolloutId ?? null,
        lastTriedAt: tried[0]?.startedAt ?? null,
        lastOutcome: tried[0]?.outcome ?? null,
        outcome: null,
        from: wait?.from ?? null,
        liveForMs: wait?.liveForMs ?? 0,
        liveThereSince: wait?.since ?? null,
      };
      if (name !== null && live === name) return { ...base, step: "live" };
      if (tried[0] && tried[0].outcome === null) return { ...base, step: "running" };
      if (tried[0] && REFUSED.has(tried[0].outcome!))
        return { ...base, step: "refused", outcome: tried[0].outcome };
      // Promoted there, and taken back by an operator since: its rollout has ended well and says nothing of it.
      if (name !== null && known.since.find(at(place))?.tookBack === name)
        return { ...base, step: "refused", outcome: "rolled_back" };
      if (version !== null && live !== null && numberOf(live) > version) return { ...base, step: "older" };
      const isReady =
        wait === undefined || (wait.since !== undefined && elapsed(wait.since) >= wait.liveForMs);
      return { ...base, step: isReady ? "start" : "wait" };
    }),
  );
}

/** What ended a rollout because of what the version is, or because somebody said no to it. */
const REFUSED: ReadonlySet<string> = new Set(["rejected", "rolled_back", "aborted"]);

function placesOf({ label, scopes }: PlacedEnvironment): Place[] {
  return scopes.map(({ model, tenant }) => ({ label, model: model || null, tenant: tenant || null }));
}

function numberOf(version: string): number {
  return Number(version.slice(version.lastIndexOf("@") + 1));
}
