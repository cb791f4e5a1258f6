import type { ChangedValue } from "../monitors/changed-values.ts";
import { grouped } from "../text/counted.ts";

/** So many are told; of the others that there are more. */
const TOLD = 3;

/** What has changed in what services send, as one sentence; nothing where nothing is known to have. */
export function sayChangedValues(changes: readonly ChangedValue[]): string[] {
  if (changes.length === 0) return [];
  const more = changes.length - TOLD;
  const told = changes.slice(0, TOLD).map(said);
  return [`What is known of that: ${told.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`];
}

function said(change: ChangedValue): string {
  switch (change.change) {
    case "service":
      return `${change.service} has begun to call it`;
    case "new":
      return `${change.service} now sends ${change.name}`;
    case "gone":
      return `${change.service} sends ${change.name} no longer`;
    case "type":
      return `${change.service} now sends ${change.name} as ${change.types.join(" or ")}, too`;
    case "longer":
      return `${change.name} of ${change.service} is up to ${grouped(change.longest)} long, it was up to ${grouped(change.longestBefore)}`;
  }
}
