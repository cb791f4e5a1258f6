/**
 * `npm run prove -- NAME [WORD…] [--seed N] [--minutes M] [--schedules N] [--first] [--planted FAULT]`: a heavy proof outside CI,
 * from scripts/proofs/NAME.ts. Seeded and bounded; exit 0 only if nothing was violated. With `--planted` it is the proof
 * that is on trial: exit 0 only if it finds the fault of scripts/proofs/NAME/planted/FAULT.patch.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Finding } from "./finding.ts";
import { findsPlanted, type PlantedFault, plantedFaults } from "./planted-fault.ts";

export interface ProofOptions {
  readonly seed: number;
  /** About how long it may take. */
  readonly minutes: number;
  /** End with the first violation. Proofs that are short need not look. */
  readonly first: boolean;
  /** How many seeds, from the first on, have to be shown; undefined: as many as fit into the time. */
  readonly schedules?: number | undefined;
  /** What stands behind the name, for a proof that takes something: a folder. */
  readonly words: readonly string[];
}

/** What a scripts/proofs/NAME.ts exports as `prove`: true is "holds", false "VIOLATED". Reports to stdout. */
export type Proof = (options: ProofOptions) => Outcome | Promise<Outcome>;
type Outcome = boolean | Finding;

const SAYS: Readonly<Record<Finding, string>> = {
  holds: "nothing was violated",
  VIOLATED: "VIOLATED",
  OPEN: "OPEN, nothing was violated, and not everything has been shown: give it more --minutes",
};

const names = readdirSync(join(import.meta.dirname, "proofs"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

const USAGE = `npm run prove -- NAME [WORD…] [--seed N] [--minutes M] [--schedules N] [--first] [--planted FAULT], NAME one of ${names.join(", ")}`;

function usage(problem: string): never {
  process.stderr.write(`${problem}; usage: ${USAGE}\n`);
  process.exit(2);
}

function help(): never {
  process.stdout.write(`usage: ${USAGE}\n`);
  process.exit(0);
}

function parse(): ProofOptions & { readonly name: string; readonly planted: PlantedFault | undefined } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        minutes: { type: "string", default: "30" },
        seed: { type: "string", default: "1" },
        schedules: { type: "string" },
        first: { type: "boolean", default: false },
        planted: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return help();
    const [name, ...words] = positionals;
    const minutes = Number(values.minutes);
    const seed = Number(values.seed);
    if (name === undefined) return usage("name one proof");
    if (!names.includes(name)) return usage(`there is no proof "${name}"`);
    if (!(minutes > 0 && minutes <= 10_080))
      return usage(`--minutes must be a positive number, not "${values.minutes}"`);
    if (!Number.isSafeInteger(seed)) return usage(`--seed must be a whole number, not "${values.seed}"`);
    const schedules = values.schedules === undefined ? undefined : Number(values.schedules);
    if (schedules !== undefined && !(Number.isSafeInteger(schedules) && schedules > 0))
      return usage(`--schedules must be a whole number above 0, not "${values.schedules}"`);
    const planted = plantedOf(name, values.planted);
    return { name, minutes, seed, schedules, first: values.first, words, planted };
  } catch (error) {
    return usage(error instanceof Error ? error.message.split("\n")[0]! : String(error));
  }
}

function plantedOf(proof: string, name: string | undefined): PlantedFault | undefined {
  if (name === undefined) return undefined;
  const faults = plantedFaults(proof);
  const fault = faults.find((one) => one.name === name);
  if (!fault)
    return usage(
      `nothing "${name}" can be planted for ${proof}: ${faults.map((one) => one.name).join(", ") || "there is nothing"}`,
    );
  return fault;
}

const { name, planted, ...options } = parse();
if (planted) {
  const found = await findsPlanted(name, planted, options);
  process.stdout.write(
    `${name}, seed ${options.seed}: ${planted.name} was ${found ? "found" : `NOT FOUND: nothing says «${planted.violates.join("» or «")}»`}\n`,
  );
  process.exit(found ? 0 : 1);
}
const { prove } = (await import(`./proofs/${name}.ts`)) as { prove: Proof };
const outcome = await prove(options);
const finding = typeof outcome === "string" ? outcome : outcome ? "holds" : "VIOLATED";
process.stdout.write(`${name}, seed ${options.seed}: ${SAYS[finding]}\n`);
// What a proof leaves open (a pool, a server) must not keep a verdict from being given.
process.exit(finding === "holds" ? 0 : 1);
