import type { Principal } from "../../domain/access/principal.ts";
import type { AuditLine } from "../../domain/shapes/audit.ts";
import type { Output } from "../../terminal/output.ts";
import { clock, wrap } from "../../terminal/text-layout.ts";

/** Each entry as: when, what was done to which scope, by whom, and why. */
export function auditLines(
  entries: readonly AuditLine[],
  { width, paint }: Pick<Output, "width" | "paint">,
): string[] {
  return entries.flatMap((entry) => {
    // What is about no prompt is in a chain of its own.
    const head = `${clock(entry.at)}  ${entry.prompt || "labels"} #${entry.seq}  ${entry.action.replaceAll("_", " ")}`;
    const facts = [
      entry.label && scopeOf(entry),
      move(entry),
      entry.revision === null ? null : `revision ${entry.revision}`,
      `by ${whoDid(entry)}`,
    ].filter(Boolean);
    const line = `${head}  ${facts.join(", ")}`;
    return [
      ...(line.length <= width
        ? [line]
        : [...(head.length <= width ? [head] : wrap(head, width)), ...wrap(facts.join(", "), width, "    ")]),
      ...(entry.reason ? wrap(entry.reason, width, "    ").map(paint.dim) : []),
    ];
  });
}

function scopeOf({ label, model, tenant }: AuditLine): string {
  return [label, model && `model=${model}`, tenant && `tenant=${tenant}`].filter(Boolean).join(" ");
}

function move({ action, from, to }: AuditLine): string | null {
  if (action === "version_pushed") return to;
  if (from === null && to === null) return null;
  return from === to ? to : `${from ?? "nothing"} -> ${to ?? "nothing of its own"}`;
}

/** The login is the database's word; who was behind it is what they said. */
function whoDid({ actor, asserted, principal }: AuditLine): string {
  if (principal !== null) return `${principal.email ?? principal.name} (${proofOf(principal)}, proven)`;
  return asserted === null || asserted === actor ? actor : `${asserted} (asserted; login ${actor})`;
}

/** By what it was proven who it was. */
function proofOf({ kind, id, name, run, email }: Principal): string {
  if (kind === "key") return `key ${id}`;
  if (kind === "workload") return run === undefined ? "CI" : `CI run ${run}`;
  if (kind === "proxy") return "through a proxy";
  return email === undefined ? "signed in" : name;
}
