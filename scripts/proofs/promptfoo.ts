import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { parse } from "yaml";
import type { ProofOptions } from "../prove.ts";
import { differences, requestDifferences } from "./promptfoo/compare.ts";
import { unexplained } from "./promptfoo/known-differences.ts";
import { findConfigurations } from "./promptfoo/find-configurations.ts";
import { installPromptfoo } from "./promptfoo/install.ts";
import { type Ran, runPromptfoo, runSluice } from "./promptfoo/run-both.ts";
import { type Material, startScriptedModel } from "./promptfoo/scripted-model.ts";

/**
 * `prove -- promptfoo FOLDER [all|sluice]`: every configuration below a folder whose providers are chat models of
 * openai and anthropic, run by Sluice and by promptfoo against the same scripted model, and compared case by case.
 * `all` takes those with other providers too; `sluice` only says what runs here. What docs/reference/evaluation.md
 * lists as different on purpose is no violation.
 */
export async function prove({ words }: ProofOptions): Promise<boolean> {
  const [given, mode = ""] = words;
  if (given === undefined || !existsSync(given)) {
    const wrong = given === undefined ? "name the folder of the configurations" : `there is no "${given}"`;
    process.stderr.write(`${wrong}: npm run prove -- promptfoo FOLDER\n`);
    process.exit(2);
  }
  const folder = resolve(given);
  const promptfoo = mode === "sluice" ? undefined : installPromptfoo();
  const files = findConfigurations(folder, mode === "all");
  const refused: string[] = [];
  let differ = 0;
  let alone = 0;
  for (const file of files) {
    const name = relative(folder, file);
    const material = readMaterial(file);
    const ours = await against(material, (model) => runSluice(file, model));
    if ("refused" in ours.ran) {
      refused.push(`${name}: ${ours.ran.refused}`);
      continue;
    }
    const { outcomes } = ours.ran;
    const count = `${outcomes.filter(({ pass }) => pass).length} of ${outcomes.length} cases pass`;
    const { left, known, isAlone } =
      promptfoo === undefined
        ? { left: [], known: [], isAlone: false }
        : await compare(promptfoo, file, material, outcomes, ours.asked);
    if (left.length > 0) differ += 1;
    if (isAlone) alone += 1;
    console.log(`${left.length > 0 ? "DIFFERS" : "runs"}  ${name}  (${count})`);
    for (const line of [...left.slice(0, 12), ...known]) console.log(`        ${line}`);
  }
  for (const line of refused) console.log(`refused  ${line}`);
  const ran = files.length - refused.length;
  console.log(
    `${ran} of ${files.length} configurations run, ${differ} of them differ from promptfoo beyond what docs/reference/evaluation.md lists; ${alone} are not run by promptfoo`,
  );
  // Where promptfoo runs nothing at all, nothing has been compared.
  return differ === 0 && ran > 0 && (promptfoo === undefined || alone < ran);
}

async function against(
  material: Material,
  run: (model: Awaited<ReturnType<typeof startScriptedModel>>) => Promise<Ran>,
): Promise<{ readonly ran: Ran; readonly asked: readonly string[] }> {
  const model = await startScriptedModel(material);
  try {
    const ran = await run(model);
    return { ran, asked: model.asked() };
  } finally {
    await model.stop();
  }
}

interface Compared {
  /** What differs and is not listed. */
  readonly left: readonly string[];
  readonly known: readonly string[];
  /** promptfoo does not run it itself, so there was nothing to compare. */
  readonly isAlone?: boolean;
}

async function compare(
  promptfoo: string,
  file: string,
  material: Material,
  outcomes: Parameters<typeof differences>[1],
  asked: readonly string[],
): Promise<Compared> {
  const theirs = await against(material, (model) => runPromptfoo(promptfoo, file, model));
  if ("refused" in theirs.ran)
    return { left: [], known: [`promptfoo does not run it: ${theirs.ran.refused}`], isAlone: true };
  const cases = [theirs.ran.outcomes.length, outcomes.length];
  if (cases[0] !== cases[1])
    return { left: [`promptfoo has ${cases[0]} cases, Sluice ${cases[1]}`], known: [] };
  const found = [...differences(theirs.ran.outcomes, outcomes), ...requestDifferences(theirs.asked, asked)];
  const { left, explained } = unexplained(found, theirs.ran.outcomes, outcomes);
  return {
    left: left.map(({ text }) => text),
    known: [...explained].map(([what, count]) => `as listed, ${count} times: ${what}`),
  };
}

/** Where SQL is looked for, most answers are one of these. */
const STATEMENTS = [
  "SELECT COUNT(*) FROM Products JOIN Shipments ON Products.id = Shipments.product_id",
  "SELECT id FROM Customers",
  "```sql\nSELECT 1\n```",
];

/** What a configuration's assertions look for, and how its own prompts for judges begin. */
function readMaterial(file: string): Material {
  const words = new Set<string>();
  const rubrics = new Set<string>();
  let isSql = false;
  const visit = (value: unknown, key: string): void => {
    if (typeof value === "string") {
      if (key === "rubricPrompt") rubrics.add(value.split("{{")[0]!.trim().slice(0, 60));
      else if (key === "value" && value.length < 60 && !/[{}\n]|^file:|output|context/.test(value))
        words.add(value);
      else if (key === "type" && value.endsWith("-sql")) isSql = true;
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, item] of Object.entries(value)) {
      const inner = Array.isArray(value) ? key : name === "content" && key === "rubricPrompt" ? key : name;
      visit(item, inner);
    }
  };
  visit(parse(readFileSync(file, "utf8"), { merge: true, logLevel: "silent" }), "");
  return {
    words: [...words].slice(0, 24),
    rubrics: [...rubrics].filter((one) => one.length > 5),
    whole: isSql ? STATEMENTS : [],
  };
}
