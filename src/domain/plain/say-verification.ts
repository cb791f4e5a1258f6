import { counted } from "../text/counted.ts";
import type { AuditVerification } from "../shapes/verification.ts";
import { said, type Said } from "./said.ts";

/** Whether the audit log is what was written. */
export function sayVerification({ ok, entries, broken, astray }: AuditVerification): Said {
  if (ok)
    return said(
      "good",
      "Whole.",
      entries === 1
        ? "The one entry is as it was written."
        : `${counted(entries, "entry", "entries")} follow from each other, and what is served is as they say.`,
    );
  const [first] = broken;
  if (first) {
    const more =
      broken.length > 1
        ? ` So ${broken.length === 2 ? "is one more chain" : `are ${broken.length - 1} more chains`}.`
        : "";
    return said(
      "harm",
      `Broken at ${first.prompt || "labels and keys"} #${first.seq}.`,
      `${capital(first.problem)}.${more}`,
    );
  }
  const [pointer] = astray;
  return said(
    "harm",
    `${counted(astray.length, "pointer")} ${astray.length === 1 ? "is" : "are"} not as the log says.`,
    pointer ? `${capital(pointer.scope)}: ${pointer.problem}.` : "",
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
