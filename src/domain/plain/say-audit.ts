import type { AuditLine } from "../shapes/audit.ts";
import { formatDuration } from "../policy/quantity.ts";
import { share } from "./amounts.ts";
import { shortName } from "./telling.ts";

/** Of a share in buckets of 10,000. */
const WHOLE = 10_000;
/** Of a part of them: never one. */
const USERS = "users";

type Said = Pick<AuditLine, "action" | "from" | "to" | "label" | "model" | "tenant" | "details">;

/** What somebody has done, as it goes on after their name: `released @8 to production, was @7`. */
export function sayAudit(entry: Said): string {
  const { action, from, to, label, details } = entry;
  const now = to === null ? "what is inherited" : shortName(to);
  const was = from === null || from === to ? "" : `, was ${shortName(from)}`;
  const rollout =
    to === null && from === null ? "the rollout" : `the rollout of ${shortName(to ?? from ?? "")}`;
  switch (action) {
    case "version_pushed":
      return `saved ${now}`;
    case "prompt_archived":
      return "put the prompt away";
    case "prompt_unarchived":
      return "took the prompt out again";
    case "rollout_started":
      return `started a rollout of ${now} in ${place(entry)}`;
    case "stage_opened":
      return stageOpened(entry, now);
    case "promoted":
      return `released ${now} to ${place(entry)}${was}`;
    case "rolled_back":
      return `rolled ${place(entry)} back to ${now}${was}`;
    case "rollout_ended":
      return `ended the rollout of ${shortName(from ?? to ?? "")} in ${place(entry)}`;
    case "holdback_ended":
      return `ended the comparison after the release: everybody in ${place(entry)} gets ${now}`;
    case "pause_requested":
      return `asked to pause ${rollout}`;
    case "resume_requested":
      return `asked to let ${rollout} go on`;
    case "promote_requested":
      return `asked to release ${now} now`;
    case "abort_requested":
      return `asked to stop ${rollout}`;
    case "paused":
      return "paused the rollout";
    case "resumed":
      return "let the rollout go on";
    case "approved":
      return `approved ${now}, before ${details["point"] === "promote" ? "everybody gets it" : "any user sees it"}`;
    case "rejected":
      return `turned ${now} down`;
    case "pointer_set":
      return `made ${place(entry)} serve ${now} by hand${details["forced"] === true ? ", without evidence" : ""}${was}`;
    case "decision_version_moved":
      return "moved the rollout to newer decision rules";
    case "anchor_named":
      return `made ${now} what later losses in ${place(entry)} are counted from`;
    case "dead_letter_resolved":
      return details["status"] === "discarded"
        ? "closed a dead letter without doing it"
        : "did again what a dead letter describes";
    case "label_protected":
      return `protected the label ${label}`;
    case "label_unprotected":
      return `took the protection off the label ${label}`;
    case "label_changed":
      return labelChanged(entry);
    case "manifest_published":
      return `applied commit ${text(details["commit"]).slice(0, 12)} of ${text(details["repository"])}`;
    case "manifest_forgotten":
      return `had ${text(details["repository"])} decide no more${Array.isArray(details["prompts"]) ? ` on ${details["prompts"].join(", ")}` : ""}`;
    case "evaluation_requested":
      return `had ${now} tested${from === null ? "" : ` against ${shortName(from)}`}`;
    case "evaluation_stopped":
      return `stopped the tests of ${now}`;
    case "propagation_started":
      return `had ${now} taken to what includes it`;
    case "key_created":
      return `made the key ${text(details["name"])} for the role ${text(details["role"])}`;
    case "key_rotated":
      return `put a new key in the place of ${text(details["name"])}`;
    case "key_revoked":
      return `revoked the key ${text(details["name"])}`;
    case "session_ended":
      return `signed ${text(details["who"])} out`;
    case "trust_rule_added":
      return `let CI jobs in by the trust rule ${text(details["rule"])}`;
    case "trust_rule_removed":
      return `removed the trust rule ${text(details["rule"])}`;
    case "monitors_set":
      return `set the monitors of ${place(entry)}`;
    case "monitor_muted":
      return `muted the monitor ${text(details["monitor"])} in ${place(entry)} until ${text(details["until"]).slice(0, 16).replace("T", " ")} UTC`;
    case "monitor_unmuted":
      return `had the monitor ${text(details["monitor"])} in ${place(entry)} ring again`;
    case "alert_opened":
      return `raised the alert ${text(details["monitor"])} about ${now} in ${place(entry)}`;
    case "alert_resolved":
      return `closed the alert ${text(details["monitor"])} in ${place(entry)}`;
    case "alert_acknowledged":
      return `took on the alert ${text(details["monitor"])} in ${place(entry)}`;
    default:
      return action.replaceAll("_", " ");
  }
}

function labelChanged({ label, details }: Said): string {
  if (details["from"] === null) return `let versions come to the label ${label} from anywhere`;
  if (typeof details["from"] === "string")
    return `had versions be live at ${details["from"]}${Number(details["liveForMs"]) > 0 ? ` for ${formatDuration(Number(details["liveForMs"]))}` : ""} before they come to the label ${label}`;
  return `changed what a move by hand of the label ${label} comes to`;
}

/** Actions as somebody looks for them, with what the log calls them. */
export const AUDIT_DEEDS: readonly { readonly action: string; readonly deed: string }[] = [
  { action: "version_pushed", deed: "saved a version" },
  { action: "rollout_started", deed: "started a rollout" },
  { action: "stage_opened", deed: "opened a stage" },
  { action: "approved", deed: "approved" },
  { action: "rejected", deed: "turned down" },
  { action: "pause_requested", deed: "asked for a pause" },
  { action: "resume_requested", deed: "asked to go on" },
  { action: "promote_requested", deed: "asked to release now" },
  { action: "abort_requested", deed: "asked to stop" },
  { action: "promoted", deed: "released" },
  { action: "rolled_back", deed: "rolled back" },
  { action: "rollout_ended", deed: "ended a rollout" },
  { action: "pointer_set", deed: "moved by hand" },
  { action: "evaluation_requested", deed: "had a version tested" },
  { action: "evaluation_stopped", deed: "stopped tests" },
  { action: "propagation_started", deed: "took a version to what includes it" },
  { action: "dead_letter_resolved", deed: "closed a dead letter" },
  { action: "prompt_archived", deed: "put a prompt away" },
  { action: "prompt_unarchived", deed: "took a prompt out again" },
  { action: "label_protected", deed: "protected a label" },
  { action: "label_unprotected", deed: "unprotected a label" },
  { action: "label_changed", deed: "changed a label" },
  { action: "manifest_published", deed: "applied a commit" },
  { action: "manifest_forgotten", deed: "forgot a repository or its prompts" },
  { action: "monitors_set", deed: "set monitors" },
  { action: "monitor_muted", deed: "muted a monitor" },
  { action: "monitor_unmuted", deed: "unmuted a monitor" },
  { action: "alert_opened", deed: "raised an alert" },
  { action: "alert_acknowledged", deed: "took an alert on" },
  { action: "alert_resolved", deed: "closed an alert" },
  { action: "key_created", deed: "made a key" },
  { action: "key_rotated", deed: "replaced a key" },
  { action: "key_revoked", deed: "revoked a key" },
  { action: "session_ended", deed: "signed somebody out" },
  { action: "trust_rule_added", deed: "added a trust rule" },
  { action: "trust_rule_removed", deed: "removed a trust rule" },
];

/** Who did it: by proof, or by their own word where nothing proves it. */
export function whoDid({ principal, asserted, actor }: Pick<AuditLine, "principal" | "asserted" | "actor">): {
  readonly name: string;
  readonly isProven: boolean;
} {
  if (principal !== null) return { name: principal.email ?? principal.name, isProven: true };
  return { name: asserted ?? actor, isProven: false };
}

function stageOpened({ details }: Said, now: string): string {
  const part = details["share"];
  return typeof part === "number"
    ? `gave ${now} to ${share(part / WHOLE)} of ${USERS}`
    : `gave ${now} to more users`;
}

function place({ label, model, tenant }: Said): string {
  const more = [tenant && `tenant ${tenant}`, model && `model ${model}`].filter(Boolean);
  return [label ?? "every label", ...more].join(", ");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
