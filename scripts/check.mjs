// npm run check: everything that is quick to check, in under a minute. The parts are independent, so
// they run two at a time, and each one's output is shown whole, and only when it has something to say.
//
//   node scripts/check.mjs                       all parts
//   node scripts/check.mjs format lint           only these
//
// The last line is `N passed, N failed`, counting parts. Exit code 0 when all passed, 1 when one failed,
// 2 for a part that does not exist.
import { spawn } from "node:child_process";
import path from "node:path";

const CACHE = "node_modules/.cache/sluice";
const TOOLS = {
  types: types(".", "types"),
  "web-types": types("src/web", "web-types"),
  lint: ["oxlint", "--deny-warnings"],
  unused: ["knip", "--no-progress", "--no-config-hints"],
  format: ["oxfmt", "--check"],
  architecture: [
    "depcruise",
    "--config",
    ".dependency-cruiser.mjs",
    "--cache",
    `${CACHE}/architecture`,
    "--cache-strategy",
    "content",
    "workflows",
    "activities",
    "workers",
    "src",
  ],
};

const root = path.resolve(import.meta.dirname, "..");
const PARTS = {
  // `npm test` runs the slow ones too, and `npm run prove -- long` the long ones.
  unit: ["vitest", "run", "--project=unit", "--tags-filter=!long", "--reporter=dot", "--maxWorkers=2"],
  ...TOOLS,
};
const AT_ONCE = 2;

/**
 * Parts run beside each other, so each of the compiler and the linter (both written in Go) is at its quickest on one core:
 * on several they check shared types once for each. With fewer collections of garbage they take half the processor time.
 */
const ON_ONE_CORE = { GOMAXPROCS: "1", GOGC: "400" };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`no part named ${unknown.join(", ")}; parts: ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}

const queue = Object.entries(PARTS).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const results = [];
await Promise.all(Array.from({ length: AT_ONCE }, work));

const failed = results.filter((result) => !result.passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function work() {
  for (let part = queue.shift(); part; part = queue.shift()) {
    const [name, command] = part;
    const result = await run(command);
    results.push(result);
    console.log(`${result.passed ? "ok    " : "FAILED"} ${name} (${(result.ms / 1000).toFixed(1)} s)`);
    if (!result.passed) console.log(`$ npx ${command.join(" ")}\n${result.output.trimEnd()}\n`);
  }
}

/** Checks the types of a project; what has not changed since the last time is not checked again. */
function types(project, name) {
  const state = `${CACHE}/${name}.tsbuildinfo`;
  return ["tsc", "-p", project, "--checkers", "1", "--incremental", "--tsBuildInfoFile", state];
}

/** Runs a tool of node_modules under the Node that the project pins, whatever Node runs this script. */
function run([tool, ...args]) {
  const bin = path.join(root, "node_modules", ".bin");
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(path.join(bin, tool), args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
      env: {
        ...process.env,
        ...ON_ONE_CORE,
        NO_COLOR: "1",
        PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
      },
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const end = (passed) => resolve({ passed, output, ms: performance.now() - started });
    child.on("error", (error) => {
      output += String(error);
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}
