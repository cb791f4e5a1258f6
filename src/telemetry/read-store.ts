import { Gauge } from "prom-client";
import type { Metrics } from "./metrics.ts";
import type { StoreGauges } from "../domain/shapes/store-gauges.ts";

/** Two that scrape at once ask once. */
const FRESH_MS = 1_000;

/** What is so in the whole installation, asked of the store when somebody scrapes. With the store away it is left out. */
export function readStoreWhenScraped(
  registry: Metrics,
  read: () => Promise<StoreGauges>,
): () => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ registers: [registry], name: `sluice_${name}`, help, labelNames });
  const up = gauge("store_up", "Whether the store answered: 1, or 0 with the following missing");
  const rollouts = gauge("rollouts_open", "Rollouts that have not ended, by phase", ["phase"]);
  const canaries = gauge("canaries_open", "Pointers that a part of the users gets a candidate from");
  const unattended = gauge(
    "canaries_unattended",
    "Open canaries whose lease is over: everybody gets the baseline",
  );
  const lease = gauge(
    "lease_shortest_seconds",
    "What is left of the lease of the open canary that has least of it",
  );
  const letters = gauge(
    "dead_letters_open",
    "What could not be carried out and nobody has dealt with, by operation",
    ["operation"],
  );
  const drift = gauge(
    "drift",
    "Where what is served is not what Git says, by kind and environment (empty: the prompt as a whole)",
    ["kind", "environment"],
  );
  const alerts = gauge("alerts_open", "Versions that have got worse, by the monitor that has found it", [
    "monitor",
  ]);
  const looked = gauge("monitors_looked_seconds", "Since a worker last looked at monitors");
  const services = gauge("services_seen", "Services that have reported a moment ago what they serve");
  const tooOld = gauge(
    "outcomes_too_old",
    "Outcomes that came with an id older than what retention has removed, and were not counted, since the beginning",
  );
  const unchanged = gauge(
    "rollout_unchanged_seconds",
    "How long the open rollout that has not changed for longest has been as it is, by phase",
    ["phase"],
  );
  const intake = gauge("rollout_intake", "What came in for open rollouts, by what became of it", ["kind"]);
  const foldLag = gauge(
    "fold_lag_seconds",
    "How long the unit has waited to be counted whose window closed first",
  );
  const retried = gauge("notifications_retried", "What webhooks did not take so far, and is tried again");
  const retentionAge = gauge("retention_age_seconds", "Since what is old was last removed");
  const retentionUndone = gauge("retention_undone", "Tables that the last removal left as they were");
  const single = [
    canaries,
    unattended,
    lease,
    looked,
    services,
    tooOld,
    foldLag,
    retried,
    retentionAge,
    retentionUndone,
  ];
  const refill = async () => {
    const found = await read().catch(() => undefined);
    for (const one of [rollouts, letters, drift, alerts, unchanged, intake]) one.reset();
    for (const one of single) one.remove();
    up.set(found ? 1 : 0);
    if (!found) return;
    for (const { phase, n } of found.rollouts) rollouts.set({ phase }, n);
    for (const { operation, n } of found.deadLetters) letters.set({ operation }, n);
    for (const { kind, environment, n } of found.drift) drift.set({ kind, environment }, n);
    for (const { monitor, n } of found.alerts) alerts.set({ monitor }, n);
    for (const { phase, seconds } of found.unchanged) unchanged.set({ phase }, seconds);
    for (const { kind, n } of found.intake) intake.set({ kind }, n);
    canaries.set(found.canaries);
    unattended.set(found.unattended);
    services.set(found.services);
    tooOld.set(found.tooOldOutcomes);
    foldLag.set(found.foldLagSeconds);
    retried.set(found.notificationsRetried);
    retentionAge.set(found.retentionAgeSeconds);
    retentionUndone.set(found.retentionUndone);
    if (found.monitorsLookedSeconds !== null) looked.set(found.monitorsLookedSeconds);
    if (found.shortestLeaseSeconds !== null) lease.set(found.shortestLeaseSeconds);
  };
  let last = -Infinity;
  let refilled: Promise<void> | undefined;
  return async () => {
    if (refilled === undefined || performance.now() - last >= FRESH_MS) {
      last = performance.now();
      refilled = refill();
    }
    await refilled;
  };
}
