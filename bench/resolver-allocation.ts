/** Prints the bytes that one resolveSync allocates, beside the request that a caller makes for it. */
import { openOurs, PROMPTS, UNITS } from "./resolver-world.ts";

const TIMES = 200_000;
const ours = await openOurs();
const requests = Array.from({ length: 1_000 }, (_, i) => ({
  prompt: PROMPTS[i % PROMPTS.length]!,
  unit: UNITS[i]!,
}));
const kept = Array.from({ length: 1_000 }, () => ours.resolveSync(requests[0]!));

function run(): void {
  for (let i = 0; i < TIMES; i++) kept[i % 1_000] = ours.resolveSync(requests[i % 1_000]!);
}

run();
run();
globalThis.gc!();
const before = process.memoryUsage().heapUsed;
run();
const after = process.memoryUsage().heapUsed;
process.stdout.write(String(Math.round((after - before) / TIMES)));
await ours.close();
