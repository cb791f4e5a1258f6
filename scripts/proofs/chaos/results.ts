import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { digestText } from "../../../src/digest.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Kept with the code, so that results add up over machines and months. */
const FILE = join(import.meta.dirname, "results.jsonl");
/** What is on trial: a change elsewhere leaves results as they are. */
const TRIED = ["src", "workflows", "activities", "workers", "migrations"];

/** What one schedule has come to, a line of the file. */
export interface Result {
  readonly seed: number;
  /** A digest of the code that was tried; with a plus sign where it had changes that were not committed. */
  readonly code: string;
  readonly commit: string;
  readonly at: string;
  readonly operations: number;
  readonly rollouts: number;
  readonly resolutions: number;
  /** By rule, how often it was violated. */
  readonly violations: Readonly<Record<string, number>>;
}

/** Results by seed that accumulate from run to run in one file. */
export class Results {
  readonly code: string;
  readonly #commit: string;
  readonly #path: string;
  readonly #all: Result[] = [];

  constructor(path: string = FILE, tried = codeAsItIs()) {
    this.#path = path;
    ({ code: this.code, commit: this.#commit } = tried);
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, "utf8").split("\n"))
      if (line !== "") this.#all.push(JSON.parse(line) as Result);
  }

  /** Whether the code as it is has been through the schedule of this seed without a violation. */
  holds(seed: number): boolean {
    const newest = this.#all.findLast((result) => result.seed === seed && result.code === this.code);
    return newest !== undefined && isHeld(newest);
  }

  add(result: Omit<Result, "code" | "commit" | "at">): void {
    const { seed, ...more } = result;
    const whole = { seed, code: this.code, commit: this.#commit, at: new Date().toISOString(), ...more };
    appendFileSync(this.#path, `${JSON.stringify(whole)}\n`);
    this.#all.push(whole);
  }

  /** What the present code has come to, and of all code how many seeds held when they were run last. */
  get summary(): string {
    const here = bySeed(this.#all.filter(({ code }) => code === this.code));
    const ever = bySeed(this.#all);
    return `${held(here)} of ${here.length} seeds hold with this code (${this.code}), ${held(ever)} of ${ever.length} with the code that they were run with last; ${relative(ROOT, this.#path)}`;
  }
}

function isHeld({ violations }: Result): boolean {
  return Object.keys(violations).length === 0;
}

function held(results: readonly Result[]): number {
  return results.filter(isHeld).length;
}

/** The newest of each seed. */
function bySeed(results: readonly Result[]): Result[] {
  return [...new Map(results.map((result) => [result.seed, result])).values()];
}

function codeAsItIs(): { readonly code: string; readonly commit: string } {
  try {
    const git = (...words: string[]) =>
      execFileSync("git", words, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const trees = git("rev-parse", ...TRIED.map((folder) => `HEAD:${folder}`));
    const digest = digestText(trees).slice(0, 8);
    const changes = git("status", "--porcelain", "--", ...TRIED) === "" ? "" : "+";
    return { code: `${digest}${changes}`, commit: git("rev-parse", "--short", "HEAD") };
  } catch {
    return { code: "no repository", commit: "none" };
  }
}
