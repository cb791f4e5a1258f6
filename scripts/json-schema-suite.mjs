// Writes the required part of a checkout of JSON-Schema-Test-Suite as the fixture that
// test/evaluation/json-schema-suite.test.ts runs: node scripts/json-schema-suite.mjs FOLDER
// The package @json-schema-org/tests holds no cases: it fetches the suite from GitHub when it is installed.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("name a checkout of JSON-Schema-Test-Suite");
const target = new URL("../test/fixtures/json-schema-suite/", import.meta.url).pathname;
mkdirSync(target, { recursive: true });

for (const draft of ["draft7", "draft2020-12"]) {
  const from = join(folder, "tests", draft);
  const files = readdirSync(from)
    .filter((name) => name.endsWith(".json"))
    .sort();
  // A line a group: small, and a change of the suite is a diff that can be read.
  const lines = files.map((name) => {
    const groups = JSON.parse(readFileSync(join(from, name), "utf8"));
    return `${JSON.stringify(name.replace(/\.json$/, ""))}: [\n${groups.map((group) => JSON.stringify(group)).join(",\n")}\n]`;
  });
  writeFileSync(join(target, `${draft}.json`), `{\n${lines.join(",\n")}\n}\n`);
}
writeFileSync(join(target, "LICENSE"), readFileSync(join(folder, "LICENSE")));
let commit = "";
try {
  commit = execFileSync("git", ["-C", folder, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
} catch {
  /* an unpacked archive */
}
console.log(`written to ${target}${commit && ` from commit ${commit}`}`);
