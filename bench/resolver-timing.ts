import { quantile } from "simple-statistics";
import { collect } from "./resolver-heap.ts";

/** Things to be timed against each other take turns, so that a busy moment of the machine hits all of them. */
export interface Contestant {
  readonly name: string;
  /** Does it this many times; a promise where it must be awaited. */
  readonly run: (times: number) => unknown;
}

/**
 * Nanoseconds a time, per contestant: the lower quartile of rounds that took turns, of the processor time
 * of this thread.
 */
export async function race(
  contestants: readonly Contestant[],
  options: { readonly rounds: number; readonly roundMs: number },
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  const samples = new Map<string, number[]>();
  for (const { name, run } of contestants) {
    // Warm, and find out how many make a round.
    let count = 100;
    for (;;) {
      const took = await timed(run, count);
      if (took >= options.roundMs / 2 || count >= 10_000_000) {
        times.set(name, Math.max(1, Math.round((count * options.roundMs) / Math.max(took, 0.01))));
        break;
      }
      count *= 4;
    }
    samples.set(name, []);
  }
  for (let round = 0; round < options.rounds; round++)
    for (const { name, run } of contestants) {
      const count = times.get(name)!;
      samples.get(name)!.push(((await timed(run, count)) / count) * 1e6);
    }
  return new Map([...samples].map(([name, found]) => [name, quantile(found, 0.25)]));
}

/**
 * Milliseconds of processor, without what others left to be collected or the caches to be filled with: a busy
 * machine adds nothing to them.
 */
async function timed(run: (times: number) => unknown, count: number): Promise<number> {
  collect();
  await run(Math.ceil(count / 5));
  const before = process.threadCpuUsage();
  await run(count);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
