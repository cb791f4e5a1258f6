import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProofOptions } from "./prove.ts";

const ROOT = join(import.meta.dirname, "..");

/** A change that puts a fault back into the code, kept as a patch, to see that a proof finds it. */
export interface PlantedFault {
  readonly name: string;
  readonly patchFile: string;
  /** What the proof has to call violated: one of these rules, whichever a schedule meets first. */
  readonly violates: readonly string[];
}

/** The faults that can be planted for a proof: `scripts/proofs/PROOF/planted/*.patch`. */
export function plantedFaults(proof: string): PlantedFault[] {
  return faultsIn(join(ROOT, "scripts", "proofs", proof, "planted"));
}

/** Those whose patches are in a folder. */
export function faultsIn(folder: string): PlantedFault[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".patch"))
    .map((file) => {
      const patchFile = join(folder, file);
      const violates = [...readFileSync(patchFile, "utf8").matchAll(/^Violates: (.+)$/gm)].map(
        ([, rule]) => rule!,
      );
      if (violates.length === 0) throw new Error(`${patchFile} does not say what it violates`);
      return { name: file.slice(0, -".patch".length), patchFile, violates };
    });
}

/** Throws, with git's words, where the patch does not fit the code as it is. */
export function assertApplies({ patchFile }: PlantedFault): void {
  execFileSync("git", ["apply", "--check", patchFile], { cwd: ROOT, stdio: "pipe" });
}

/**
 * Runs a proof on a copy of the code that has the fault in it, until the first violation. True when the proof
 * has found it: it names a rule that the fault breaks.
 */
export async function findsPlanted(
  proof: string,
  fault: PlantedFault,
  { seed, minutes, schedules }: ProofOptions,
): Promise<boolean> {
  const copy = copyOfCode();
  try {
    plant(copy, fault);
    const words = [proof, "--first", "--seed", String(seed), "--minutes", String(minutes)];
    if (schedules !== undefined) words.push("--schedules", String(schedules));
    const run = spawn(process.execPath, [join(copy, "scripts", "prove.ts"), ...words], {
      cwd: copy,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    run.stdout.on("data", (data: Buffer) => {
      output += data.toString();
      process.stdout.write(data);
    });
    const [code] = (await once(run, "close")) as [number | null];
    return code === 1 && fault.violates.some((rule) => output.includes(` ${rule}: `));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** A folder of its own with the code as it is, what is not committed included, and the installed packages. */
export function copyOfCode(): string {
  const copy = mkdtempSync(join(tmpdir(), "sluice-planted-"));
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const file of files.split("\0"))
    if (file !== "" && existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(copy, file));
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Puts the fault into a copy, or takes it out again. */
export function plant(copy: string, { patchFile }: PlantedFault, { reverse = false } = {}): void {
  execFileSync("git", ["apply", ...(reverse ? ["--reverse"] : []), patchFile], {
    cwd: copy,
    // Outside a repository, so that the copy's place decides what the patch is applied to.
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
  });
}
