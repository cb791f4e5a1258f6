/**
 * `npm run prove -- NAME [--seed N] [--minutes M]`: a heavy proof outside CI, from scripts/proofs/NAME.ts.
 * Seeded and bounded; exit 0 only if nothing was violated.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

export interface ProofOptions {
  readonly seed: number;
  /** About how long it may take. */
  readonly minutes: number;
}

/** What a scripts/proofs/NAME.ts exports as `prove`: true when nothing was violated. Reports to stdout. */
export type Proof = (options: ProofOptions) => boolean | Promise<boolean>;

const names = readdirSync(join(import.meta.dirname, "proofs"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

function usage(problem: string): never {
  process.stderr.write(
    `${problem}; usage: npm run prove -- NAME [--seed N] [--minutes M], NAME one of ${names.join(", ")}\n`,
  );
  process.exit(2);
}

function parse() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { minutes: { type: "string", default: "30" }, seed: { type: "string", default: "1" } },
    });
    const [name] = positionals;
    const minutes = Number(values.minutes);
    const seed = Number(values.seed);
    if (name === undefined || positionals.length > 1) return usage("name one proof");
    if (!names.includes(name)) return usage(`there is no proof "${name}"`);
    if (!(minutes > 0 && minutes <= 10_080))
      return usage(`--minutes must be a positive number, not "${values.minutes}"`);
    if (!Number.isSafeInteger(seed)) return usage(`--seed must be a whole number, not "${values.seed}"`);
    return { name, minutes, seed };
  } catch (error) {
    return usage(error instanceof Error ? error.message.split("\n")[0]! : String(error));
  }
}

const { name, minutes, seed } = parse();
const { prove } = (await import(`./proofs/${name}.ts`)) as { prove: Proof };
const holds = await prove({ seed, minutes });
process.stdout.write(`${name}, seed ${seed}: ${holds ? "nothing was violated" : "VIOLATED"}\n`);
// What a proof leaves open (a pool, a server) must not keep a verdict from being given.
process.exit(holds ? 0 : 1);
