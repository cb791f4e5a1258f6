import { promptNameProblem } from "../../domain/names.ts";

const MOST = 128;

/** A name that Sluice takes, near to one that it does not; undefined where there is none to see. */
export function proposeName(name: string): string | undefined {
  const segments = name
    .normalize("NFKD")
    .toLowerCase()
    .split("/")
    .map(segmentOf)
    .filter((segment) => segment !== "");
  const proposed = segments
    .join("/")
    .slice(0, MOST)
    .replace(/[/._-]+$/, "");
  return promptNameProblem(proposed) === undefined ? proposed : undefined;
}

function segmentOf(text: string): string {
  const plain = text
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/\.(?=(?:yaml|json)$)/, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
  return plain === "versions" || plain === "labels" ? `${plain}-` : plain;
}
