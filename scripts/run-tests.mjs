// `npm test`: every test but those that take many seconds (`npm run prove -- long`) and those of what is released (`npm run
// test:release`); `npm test -- FILTER…`: every test of some files. The last line is `N passed, N failed` and nothing else.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sluice-tests-"));
const report = join(folder, "report.json");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];

const wanted = process.argv.slice(2);
const names = wanted.some((word) => word.startsWith("--tags")) || /^[^-]/.test(wanted[0] ?? "-");
const project = wanted.some((word) => word.startsWith("--project")) ? [] : ["--project=!release"];
const filter = names ? wanted : ["--tags-filter=!long", ...project, ...wanted];

const child = spawn(process.execPath, [vitest, "run", ...reporters, ...filter], {
  cwd: root,
  stdio: "inherit",
});
// Ctrl-C reaches vitest by itself; it stops the servers, and then we end.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));

child.on("close", (code) => {
  const { passed, failed } = count(code);
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = passed > 0 && failed === 0 && code === 0 ? 0 : 1;
  console.log(`${passed} passed, ${failed} failed`);
});

function count(code) {
  let results;
  try {
    results = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    console.log("vitest ended without a report");
    return { passed: 0, failed: 1 };
  }
  // A file that cannot even be loaded has no tests to fail; it counts as one.
  const broken = results.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = results.numFailedTests + broken;
  if (results.numTotalTests === 0) console.log("no tests were found");
  for (const line of skipped(results)) console.log(line);
  const long = tests(results).filter(isLeft).length;
  if (long > 0) console.log(`left to npm run prove -- long: ${long}`);
  // Such as an error outside of any test, or servers that could not be started.
  if (code !== 0 && failed === 0) console.log(`vitest ended with code ${code}`);
  return { passed: results.numPassedTests, failed: failed || (code === 0 ? 0 : 1) };
}

/** What was not run here, such as for a shell that is not installed: a line a group, so that none is missed silently. */
function skipped({ testResults }) {
  const groups = new Map();
  for (const { name, assertionResults } of testResults)
    for (const test of assertionResults) {
      const { status, ancestorTitles, title } = test;
      if (status === "passed" || status === "failed" || isLeft(test)) continue;
      const group = `${relative(root, name)}: ${ancestorTitles[0] || title}`;
      groups.set(group, (groups.get(group) ?? 0) + 1);
    }
  return [...groups].map(([group, tests]) => `skipped: ${tests} of ${group}`);
}

function tests({ testResults }) {
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

function isLeft({ status, tags }) {
  return status === "skipped" && tags.includes("long");
}
