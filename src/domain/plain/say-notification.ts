import type { Notification } from "../shapes/notification.ts";
import { sayAlert } from "./say-alert.ts";
import { counted } from "../text/counted.ts";

type Ended = Extract<Notification, { event: "ended" }>;

/** What a chat is told: a sentence or two, for people. */
export function sayNotification(told: Notification): string {
  return sentence(told).replaceAll(/\s+/g, " ");
}

function sentence(told: Notification): string {
  switch (told.event) {
    case "started":
      return `${told.by} started a rollout of ${subject(told)} to ${told.label}.`;
    case "advanced":
      return `${told.sharePercent} % of the users of ${told.label} get ${subject(told)} now (stage ${told.stage}).`;
    case "waiting_for_approval":
      return `${subject(told)} waits in ${told.label}: ${waitsFor(told)}`;
    case "promoted":
      return `Everybody in ${told.label} gets ${subject(told)} now, and it is watched for a while.`;
    case "ended":
      return `${subject(told)} in ${told.label}: ${outcomeOf(told)}${told.reason === null ? "" : ` ${told.reason}`}`;
    case "pointer_moved":
      return `${told.by} ${told.action === "rolled_back" ? "rolled" : "moved"} ${told.label} of ${told.prompt} ${
        told.action === "rolled_back" ? "back " : ""
      }to ${told.to ?? "what is inherited"}${told.from === null ? "" : `, it was ${told.from}`}${
        told.reason === null ? "." : `: ${told.reason}`
      }`;
    case "drift":
      return `${told.prompt} is not what Git says: ${told.message}`;
    case "alert":
      return [sayAlert(told), ...(told.triage?.says ?? [])].join(" ");
    case "alert_resolved":
      return `The alert ${told.monitor} of ${told.version} in ${told.label} is over: ${told.resolution ?? "it was closed"}.`;
    case "dead_letters":
      return `${counted(told.open, "dead letter")} of ${told.prompt} ${told.open === 1 ? "waits" : "wait"} for somebody. The newest: ${told.newest.operation}: ${told.newest.message}`;
  }
}

function subject({ candidate, prompt }: { readonly candidate: string | null; readonly prompt: string }) {
  return candidate ?? prompt;
}

function waitsFor({ waitingFor, candidate }: Extract<Notification, { event: "waiting_for_approval" }>) {
  if (waitingFor === "operator")
    return "the evidence is inconclusive, and an operator decides: sluice rollout promote or sluice rollout abort.";
  const before = waitingFor === "canary" ? "any user sees it" : "everybody gets it";
  return `somebody has to approve it before ${before}: sluice rollout approve ${candidate ?? ""}`.trim();
}

const OUTCOMES: Readonly<Record<NonNullable<Ended["outcome"]>, string>> = {
  promoted: "released to everybody.",
  rolled_back: "rolled back; everybody gets the version before.",
  rejected: "rejected; no user has seen it.",
  inconclusive: "ended without an answer; everybody gets the version before.",
  aborted: "stopped by somebody.",
  superseded: "overtaken; somebody moved the pointer meanwhile.",
  failed: "broke down; everybody gets the version before.",
};

function outcomeOf({ outcome }: Ended): string {
  return outcome === null ? "ended." : OUTCOMES[outcome];
}
