import { inject } from "vitest";

/** What the whole run of the tests shares, made when the first test asks for it. Only in *.it.test.ts and *.release.test.ts. */
export async function partOfRun(name: "bundle" | "chromium" | "temporal"): Promise<string> {
  const response = await fetch(`${inject("partsUrl")}/${name}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
