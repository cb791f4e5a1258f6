import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Beside the code and no part of it. */
const FILE = join(ROOT, ".sluice", "proofs", "chaos.jsonl");

/** What one schedule has come to, a line of the file. */
export interface Result {
  readonly seed: number;
  /** The commit that it ran on; with a plus sign where the code had changes besides. */
  readonly code: string;
  readonly at: string;
  readonly faults: readonly string[];
  readonly operations: number;
  readonly rollouts: number;
  readonly resolutions: number;
  /** By rule, how often it was violated. */
  readonly violations: Readonly<Record<string, number>>;
}

/** Results by seed that accumulate from run to run in one file. */
export class Results {
  readonly path = FILE;
  readonly code = codeAsItIs();
  readonly #all: Result[] = [];

  constructor() {
    if (!existsSync(FILE)) return;
    for (const line of readFileSync(FILE, "utf8").split("\n"))
      if (line !== "") this.#all.push(JSON.parse(line) as Result);
  }

  /** Whether the code as it is has been through the schedule of this seed without a violation. */
  holds(seed: number): boolean {
    const newest = this.#all.findLast((result) => result.seed === seed && result.code === this.code);
    return newest !== undefined && Object.keys(newest.violations).length === 0;
  }

  add(result: Omit<Result, "code" | "at">): void {
    const whole = { ...result, code: this.code, at: new Date().toISOString() };
    mkdirSync(dirname(FILE), { recursive: true });
    appendFileSync(FILE, `${JSON.stringify(whole)}\n`);
    this.#all.push(whole);
  }

  /** Of all code that was ever tried: how many schedules there were, and what the present code has come to. */
  get summary(): string {
    const here = new Map(this.#all.filter(({ code }) => code === this.code).map((one) => [one.seed, one]));
    const held = [...here.values()].filter(({ violations }) => Object.keys(violations).length === 0).length;
    return `${held} of ${here.size} seeds hold with this code (${this.code}), of ${this.#all.length} schedules in all; ${this.path}`;
  }
}

function codeAsItIs(): string {
  try {
    const git = (...words: string[]) =>
      execFileSync("git", words, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : "+"}`;
  } catch {
    return "no repository";
  }
}
