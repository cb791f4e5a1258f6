/** What a proof found of a promise: OPEN when what it saw does not tell, as when its time ran out. */
export type Finding = "holds" | "VIOLATED" | "OPEN";

/** Of a whole: violated if any part is, else open if any part is. */
export function whole(parts: readonly Finding[]): Finding {
  return parts.includes("VIOLATED") ? "VIOLATED" : parts.includes("OPEN") ? "OPEN" : "holds";
}

/** Prints a part, and gives it back. */
export function found(finding: Finding, line: string): Finding {
  process.stdout.write(`${finding.padEnd(8)}  ${line}\n`);
  return finding;
}
