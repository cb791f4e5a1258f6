import { readFileSync, writeFileSync } from "node:fs";
import { invalidInput } from "../../../domain/errors.ts";

/** What was done to a project's package.json: `created`, `added` to it, or `kept` because it names Sluice already. */
export type DevDependency = "created" | "added" | "kept";

/** Has a project's package.json name Sluice as a devDependency; what else is in it, and how, stays. */
export function nameDevDependency(path: string, spec: string): DevDependency {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const made = { private: true, type: "module", devDependencies: { sluice: spec } };
    writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`, { flag: "wx" });
    return "created";
  }
  let manifest: Record<string, unknown>;
  try {
    manifest = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw invalidInput(`${path}: is not JSON; mend it, then run this again`, { path });
  }
  const dependencies = (key: string) => (manifest[key] ?? {}) as Record<string, string>;
  if (["dependencies", "devDependencies"].some((key) => Object.hasOwn(dependencies(key), "sluice")))
    return "kept";
  const devDependencies = { ...dependencies("devDependencies"), sluice: spec };
  const indent = /^[{[]\r?\n([ \t]+)/.exec(text)?.[1] ?? "  ";
  writeFileSync(path, `${JSON.stringify({ ...manifest, devDependencies }, null, indent)}\n`);
  return "added";
}
