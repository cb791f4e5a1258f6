/** `npm run bench -- NAME [--json] [--minutes M] [--seed N] [--count N]`: runs bench/NAME.ts and prints its rows. */
import { readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { columns } from "../src/terminal/text-layout.ts";
import type { Bench, Row } from "./row.ts";

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !["main.ts", "row.ts"].includes(file) && !file.includes("-"))
  .map((file) => file.slice(0, -3));

const USAGE = `npm run bench -- NAME [--json] [--minutes M] [--seed N] [--count N], NAME one of ${names.join(", ")}`;

function usage(problem: string): never {
  process.stderr.write(`${problem}; usage: ${USAGE}\n`);
  process.exit(2);
}

function help(): never {
  process.stdout.write(`usage: ${USAGE}\n`);
  process.exit(0);
}

function parse() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        minutes: { type: "string", default: "5" },
        seed: { type: "string", default: "1" },
        count: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return help();
    const [name] = positionals;
    const minutes = Number(values.minutes);
    const seed = Number(values.seed);
    if (name === undefined || positionals.length > 1) return usage("name one bench");
    if (!names.includes(name)) return usage(`there is no bench "${name}"`);
    if (!(minutes > 0 && minutes <= 1440))
      return usage(`--minutes must be a positive number, not "${values.minutes}"`);
    if (!Number.isSafeInteger(seed)) return usage(`--seed must be a whole number, not "${values.seed}"`);
    const count = values.count === undefined ? undefined : Number(values.count);
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0))
      return usage(`--count must be a whole number above 0, not "${values.count}"`);
    return { name, json: values.json, minutes, seed, count };
  } catch (error) {
    return usage(error instanceof Error ? error.message.split("\n")[0]! : String(error));
  }
}

function machine() {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

function figure(value: number | null): string {
  if (value === null) return "";
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(3)));
}

function table(rows: readonly Row[]): string {
  const heads = ["work", "ours", "±", "unit", "peer", "", "goal", "met"].map((head) => ({ head }));
  const cells = rows.map((row) => [
    row.work,
    figure(row.ours),
    figure(row.se ?? null),
    row.unit,
    figure(row.peer),
    row.peerName ?? "",
    figure(row.goal),
    row.met === null ? "" : row.met ? "yes" : "NO",
  ]);
  return columns(heads, cells, Number.POSITIVE_INFINITY).join("\n");
}

const { name, json, minutes, seed, count } = parse();
const { run } = (await import(`./${name}.ts`)) as { run: Bench };
const rows = await run({ seed, minutes, count, progress: (line) => void process.stderr.write(`${line}\n`) });
process.stdout.write(
  json ? `${JSON.stringify({ machine: machine(), rows }, null, 2)}\n` : `${table(rows)}\n`,
);
