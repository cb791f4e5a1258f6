import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileSchema, type SchemaCheck } from "../../src/domain/json/json-schema.ts";

interface Group {
  readonly description: string;
  readonly schema: object;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

/** Why a group's schema is not taken, as docs/reference/evaluation.md lists it; anything else is a violation. */
const REASONS: readonly (readonly [string, RegExp])[] = [
  ["needs a schema from elsewhere", /^can't resolve reference |^no schema with key or ref "http/],
  ["$dynamicRef", /^"\$dynamicRef" is not supported/],
  ["unevaluatedItems beside contains, if or items", /^"unevaluatedItems" and "(?:contains|if|items)"/],
  ["references in a circle", /round in a circle/],
  ["an enum without values", /^enum must have non-empty array/],
];
/** Formats are checked here, and are only remarks in 2020-12. */
const ON_PURPOSE = /^format: .*annotation/;

/**
 * The required part of the official JSON-Schema-Test-Suite, draft 7 and 2020-12: what is not refused by name is
 * right. The suite comes with the sources of the Python package `jsonschema`, which `pip` fetches; a folder with a
 * checkout of the suite is taken instead where JSON_SCHEMA_SUITE names one.
 */
export function prove(): boolean {
  const own = process.env["JSON_SCHEMA_SUITE"];
  const folder = own ?? mkdtempSync(join(tmpdir(), "json-schema-suite-"));
  try {
    const suite = own ?? fetchSuite(folder);
    return ["draft7", "draft2020-12"].map((draft) => holds(suite, draft)).every(Boolean);
  } finally {
    if (own === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function fetchSuite(folder: string): string {
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "jsonschema"];
  execFileSync("python3", [...pip, "--dest", folder], { stdio: ["ignore", "ignore", "inherit"] });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tar.gz"))!;
  execFileSync("tar", ["-xzf", archive], { cwd: folder });
  return join(folder, archive.replace(/\.tar\.gz$/, ""), "json");
}

function holds(suite: string, draft: string): boolean {
  const folder = join(suite, "tests", draft);
  const refused = new Map<string, number>();
  const wrong: string[] = [];
  let right = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")))
    for (const { description, schema, tests } of JSON.parse(
      readFileSync(join(folder, file), "utf8"),
    ) as Group[]) {
      const title = `${file.replace(/\.json$/, "")}: ${description}`;
      let check: SchemaCheck;
      try {
        check = compileSchema(schema);
      } catch (error) {
        const { message } = error as Error;
        const reason = REASONS.find(([, pattern]) => pattern.test(message))?.[0];
        if (reason === undefined) wrong.push(`${title}: refused without a reason that is listed: ${message}`);
        else refused.set(reason, (refused.get(reason) ?? 0) + 1);
        continue;
      }
      for (const one of tests)
        if ((check(one.data) === undefined) === one.valid) right++;
        else if (!ON_PURPOSE.test(`${title}: ${one.description}`)) wrong.push(`${title}: ${one.description}`);
    }
  console.log(`${draft}: ${right} values right, ${wrong.length} wrong`);
  for (const [reason, count] of refused) console.log(`  ${count} groups refused by name: ${reason}`);
  for (const line of wrong) console.log(`  WRONG ${line}`);
  return wrong.length === 0 && right > 500;
}
