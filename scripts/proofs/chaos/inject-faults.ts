import { setTimeout as delay } from "node:timers/promises";
import type { Freeze } from "./history.ts";
import { FULL } from "./instrument-store.ts";
import type { Parts } from "./parts.ts";
import type { Fault } from "./faults.ts";
import { POINTS } from "./points.ts";
import { fillDisk, freeDisk } from "./full-disk.ts";
import type { PlannedFault } from "./plan-schedule.ts";
import type { Services } from "./services.ts";

const CLOCK_SHIFT_MS = 600_000;
const READ_ONLY = "default_transaction_read_only";

/** What faults are made in. */
export interface Scene {
  readonly parts: Parts;
  readonly services: Services;
  /** The folder of the services' snapshots. */
  readonly snapshots: string;
}

/**
 * Makes each fault at its time and undoes it after its own, one after the other in each lane; `meanwhile` is done while
 * it lasts. Gives when Postgres was stopped.
 */
export async function injectFaults(
  scene: Scene,
  faults: readonly PlannedFault[],
  meanwhile: (fault: PlannedFault) => Promise<void>,
): Promise<Freeze[]> {
  const began = performance.now();
  const freezes: Freeze[] = [];
  const inTurn = async (lane: readonly PlannedFault[]) => {
    for (const planned of lane) {
      await delay(Math.max(0, began + planned.at - performance.now()));
      const doing = meanwhile(planned);
      const from = Date.now();
      await makeFault(scene, planned);
      if (planned.fault === "postgres frozen") freezes.push({ from, to: Date.now() });
      await doing;
    }
  };
  await Promise.all([...Map.groupBy(faults, ({ lane }) => lane).values()].map(inTurn));
  return freezes;
}

function chosen<T>(from: readonly T[], choice: number): T {
  return from[Math.floor(choice * from.length)]!;
}

/** The fault from its beginning until it is undone. */
async function makeFault(
  { parts, services, snapshots }: Scene,
  { fault, forMs, choice }: PlannedFault,
): Promise<void> {
  const worker = chosen(parts.workers, choice);
  const server = chosen(parts.servers, choice);
  const { proxy, postgres, temporal, relay, relayNetwork } = parts;
  const faults: Record<Fault, () => Promise<void>> = {
    async "worker killed"() {
      worker.kill();
      await delay(forMs);
      await worker.restart();
    },
    async "worker killed at a point"() {
      // It comes there soon, or not at all: then it is as if it had been killed at any moment.
      worker.dieAt(chosen(POINTS, (choice * parts.workers.length) % 1));
      const until = performance.now() + forMs;
      while (worker.isRunning && performance.now() < until) await delay(20);
      await worker.restart();
    },
    async "worker frozen"() {
      await worker.freeze();
      await delay(forMs);
      await worker.thaw();
    },
    async "worker's clock wrong"() {
      await worker.restart(choice < 0.5 ? CLOCK_SHIFT_MS : -CLOCK_SHIFT_MS);
      await delay(forMs);
      worker.jump();
    },
    async "postgres killed"() {
      postgres.kill();
      await delay(forMs / 2);
      await postgres.restart();
    },
    async "postgres frozen"() {
      await postgres.freeze();
      await delay(forMs);
      await postgres.thaw();
    },
    async "postgres read-only"() {
      await set(parts, READ_ONLY, "on");
      await delay(forMs);
      await set(parts, READ_ONLY, null);
    },
    async "postgres full"() {
      await set(parts, FULL, "on");
      await delay(forMs);
      await set(parts, FULL, null);
    },
    async "pointers locked"() {
      await parts.administer(
        `begin; select 1 from sluice.pointers for update; select pg_sleep(${forMs / 1_000}); rollback`,
      );
    },
    async "backend killed"() {
      await parts.administer(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'sluice' and pid <> pg_backend_pid() order by random() limit 1`,
      );
    },
    async "temporal killed"() {
      temporal.kill();
      await delay(forMs / 2);
      await temporal.restart();
    },
    async "temporal away"() {
      temporal.kill();
      await delay(forMs);
      await temporal.restart();
    },
    async "server killed"() {
      server.kill();
      await delay(forMs / 2);
      await server.restart();
    },
    async "server frozen"() {
      await server.freeze();
      await delay(forMs);
      await server.thaw();
    },
    async "relay killed"() {
      relay.kill();
      await delay(forMs / 2);
      await relay.restart();
    },
    async "relay cut off"() {
      relayNetwork.refuse();
      await delay(forMs);
      relayNetwork.accept();
    },
    async "disk full"() {
      relay.switchDisk();
      fillDisk(snapshots);
      await delay(forMs);
      relay.switchDisk();
      freeDisk();
    },
    "service killed": () => services.restart(choice),
    "connections cut": () => Promise.resolve(proxy.cut()),
    async "connections refused"() {
      proxy.refuse();
      await delay(forMs);
      proxy.accept();
    },
    "connections silent": () => Promise.resolve(proxy.silence()),
    async "answers lost"() {
      proxy.loseAnswers();
      await delay(Math.min(forMs, 1_500));
      proxy.cut();
    },
    async "acknowledgements lost"() {
      proxy.loseAcknowledgements();
      await delay(forMs);
      proxy.cut();
    },
    async "answers late"() {
      proxy.delay(100 + choice * 300);
      await delay(forMs);
      proxy.delay(0);
    },
  };
  await faults[fault]();
}

/** Changes a setting of the running server; null: as it was. */
async function set(parts: Parts, setting: string, value: string | null): Promise<void> {
  await parts.administer(
    value === null ? `alter system reset ${setting}` : `alter system set ${setting} = ${value}`,
  );
  await parts.administer("select pg_reload_conf()");
}

/** As if there had never been a fault: clocks are right, everything runs and answers. Each fault has ended by itself. */
export async function heal(parts: Parts): Promise<void> {
  parts.proxy.delay(0);
  parts.proxy.accept();
  parts.proxy.cut();
  await set(parts, READ_ONLY, null);
  await set(parts, FULL, null);
  freeDisk();
  parts.relayNetwork.accept();
  const { workers, servers, relay } = parts;
  await Promise.all([...workers, ...servers, relay].map((part) => part.mend()));
}
