import { readFileSync } from "node:fs";

/** The version in Sluice's package.json, which is above this file in a checkout and in a release alike. */
export function sluiceVersion(): string {
  for (const up of ["../../", "../../../"]) {
    try {
      const read = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (read.name === "sluice" && read.version) return read.version;
    } catch {
      // Not there: a release has one more folder.
    }
  }
  return "unknown";
}
