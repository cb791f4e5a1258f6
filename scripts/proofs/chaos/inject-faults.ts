import { setTimeout as delay } from "node:timers/promises";
import type { Parts } from "./parts.ts";
import type { Fault, PlannedFault } from "./plan-schedule.ts";

const CLOCK_SHIFT_MS = 600_000;
const READ_ONLY = "default_transaction_read_only";

/** Makes each fault at its time and undoes it after its own. */
export async function injectFaults(parts: Parts, faults: readonly PlannedFault[]): Promise<void> {
  const began = performance.now();
  for (const planned of faults) {
    await delay(Math.max(0, began + planned.at - performance.now()));
    await makeFault(parts, planned);
  }
}

/** The fault from its beginning until it is undone. */
async function makeFault(parts: Parts, { fault, forMs, choice }: PlannedFault): Promise<void> {
  const worker = parts.workers[Math.floor(choice * parts.workers.length)]!;
  const { proxy, postgres, temporal } = parts;
  const faults: Record<Fault, () => Promise<void>> = {
    async "worker killed"() {
      worker.kill();
      await delay(forMs);
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
      await parts.administer(`alter system set ${READ_ONLY} = on`);
      await parts.administer("select pg_reload_conf()");
      await delay(forMs);
      await writable(parts);
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
    "connections cut": () => Promise.resolve(proxy.cut()),
    "connections silent": () => Promise.resolve(proxy.silence()),
    async "answers lost"() {
      proxy.loseAnswers();
      await delay(Math.min(forMs, 1_500));
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

async function writable(parts: Parts): Promise<void> {
  await parts.administer(`alter system reset ${READ_ONLY}`);
  await parts.administer("select pg_reload_conf()");
}

/** As if there had never been a fault: clocks are right, everything runs and answers. */
export async function heal(parts: Parts): Promise<void> {
  parts.proxy.delay(0);
  parts.proxy.cut();
  await writable(parts);
  await Promise.all(parts.workers.map((worker) => worker.restart()));
}
