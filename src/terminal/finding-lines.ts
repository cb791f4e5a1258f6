import type { Finding } from "../domain/finding.ts";
import type { Output } from "./output.ts";
import { wrap } from "./text-layout.ts";

/** What the built-in checks found, one sentence each, failures in red. */
export function findingLines(
  findings: readonly Finding[],
  { width, paint }: { readonly width: number; readonly paint: Pick<Output["paint"], "red" | "yellow"> },
  indent = "",
): string[] {
  return findings.flatMap(({ severity, message }) =>
    wrap(`${severity}: ${message}`, width, indent).map(severity === "error" ? paint.red : paint.yellow),
  );
}
