import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { copyOfCode, plant, type PlantedFault } from "../planted-fault.ts";
import { type Finding, found, whole } from "../finding.ts";
import type { ProofOptions } from "../prove.ts";
import { brokenPromises, keptPromises, type KeptPromise } from "./promises/kept-promises.ts";

/** Of one test, with the servers that it needs: one that waits for what never comes has failed. */
const WITHIN_MS = 300_000;
const TEST_MS = 60_000;

/**
 * `npm run prove -- promises [FAULT…]`: each promise of docs/reference/promises.md is broken on purpose, in a copy of the
 * code, by the patches of scripts/proofs/promises/broken, and the test that is said to show it has to fail then. Before
 * that, on the code as it is, it has to pass.
 */
export async function prove({ words }: ProofOptions): Promise<Finding> {
  const faults = brokenPromises().filter(({ name }) => words.length === 0 || words.includes(name));
  const unknown = words.find((word) => !faults.some(({ name }) => name === word));
  if (unknown !== undefined) throw new Error(`there is no scripts/proofs/promises/broken/${unknown}.patch`);
  const copy = copyOfCode();
  try {
    const findings: Finding[] = [];
    for (const fault of faults) findings.push(await isNoticed(copy, fault));
    return whole(findings);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function isNoticed(copy: string, fault: PlantedFault): Promise<Finding> {
  const kept = keptPromises().filter(({ words }) => fault.violates.includes(words));
  const tests = [...new Map(kept.map((one) => [one.words, one])).values()];
  const findings: Finding[] = [];
  for (const test of tests) {
    const before = await outcomes(copy, test);
    plant(copy, fault);
    const broken = await outcomes(copy, test);
    plant(copy, fault, { reverse: true });
    const holds = before.failed === 0 && before.passed > 0 && broken.failed > 0;
    const counted = `${broken.failed} of ${before.passed} failed${before.failed > 0 ? `, ${before.failed} without it, too` : ""}`;
    findings.push(
      found(holds ? "holds" : "VIOLATED", `${fault.name}: ${test.file}: ${test.words} (${counted})`),
    );
  }
  return whole(findings);
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** How the tests of that name come out. One that cannot even be loaded has neither passed nor failed. */
async function outcomes(
  copy: string,
  { file, words }: KeptPromise,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const report = join(copy, "report.json");
  const pattern = words
    .split(/%\w/)
    .map((part) => part.replace(/\W/g, "\\$&"))
    .join(".*");
  const vitest = join(copy, "node_modules", "vitest", "vitest.mjs");
  const args = [
    vitest,
    "run",
    file,
    "-t",
    pattern,
    `--testTimeout=${TEST_MS}`,
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  rmSync(report, { force: true });
  // It ends with 1 where a test fails, which the report says better.
  await promisify(execFile)(process.execPath, args, { cwd: copy, timeout: WITHIN_MS }).catch(() => undefined);
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const statuses = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ status }) => status),
  );
  const count = (wanted: string) => statuses.filter((status) => status === wanted).length;
  return { passed: count("passed"), failed: count("failed") };
}
