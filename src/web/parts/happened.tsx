import { sayAudit, whoDid } from "../../domain/plain/say-audit.ts";
import type { AuditLine } from "../../domain/shapes/audit.ts";
import { ShownText } from "./shown-text.tsx";
import { Time } from "./time.tsx";

/** What was done, by whom and why, as sentences. */
export function Happened({ entries }: { readonly entries: readonly AuditLine[] }) {
  return (
    <ol class="happened">
      {entries.map((entry) => (
        <li key={`${entry.prompt} ${entry.seq}`}>
          <span class="note">
            <Time at={entry.at} />
          </span>
          <Deed entry={entry} />
        </li>
      ))}
    </ol>
  );
}

/** `ann released @8 to production, was @7`, and why. */
export function Deed({ entry }: { readonly entry: AuditLine }) {
  return (
    <span class="deed">
      <Who entry={entry} /> {sayAudit(entry)}.
      {isSaid(entry) && (
        <span class="note block">
          “<ShownText text={entry.reason ?? ""} />”
        </span>
      )}
    </span>
  );
}

/** What a rollout gives as its reason by itself is on its page in words; what somebody said is repeated here. */
function isSaid({ action, reason, principal, asserted }: AuditLine): boolean {
  if (action === "rollout_started") return false;
  return reason !== null && reason !== "" && (principal !== null || asserted !== null);
}

/** Somebody by name; of whom nothing proves it that they are called so, that is said. */
export function Who({ entry }: { readonly entry: Pick<AuditLine, "principal" | "asserted" | "actor"> }) {
  const { name, isProven } = whoDid(entry);
  return (
    <strong {...(!isProven && { title: `by their own word; the login was ${entry.actor}` })}>
      <ShownText text={name} />
      {!isProven && <span class="heard"> (by their own word)</span>}
    </strong>
  );
}
