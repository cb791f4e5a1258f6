import { counted } from "../text/counted.ts";
import type { FleetConfirmation } from "../fleet.ts";
import { said, type Said } from "./said.ts";

/** How a move has reached the services that have the prompt in memory. */
export function sayServices({ confirmed, live, ms, missing }: FleetConfirmation): Said {
  if (live === 0) return said("calm", "No service has it in memory.", "There is nobody to wait for.");
  const took = ms < 1_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
  if (confirmed === live)
    return said(
      "good",
      `All ${counted(live, "service")} ${live === 1 ? "has" : "have"} it.`,
      `It took ${took}.`,
    );
  const [first, ...more] = missing;
  const last =
    first === undefined
      ? ""
      : `Not yet: ${first.host}/${first.pid}, heard of ${Math.round(first.seenMsAgo / 1_000)} s ago, ${
          first.revision === 0 ? "cannot serve it" : `still serves revision ${first.revision}`
        }${more.length > 0 ? `, and ${more.length} more` : ""}.`;
  return said(
    "wait",
    `${confirmed} of ${counted(live, "service")} ${confirmed === 1 ? "has" : "have"} it.`,
    last,
  );
}

/** What has it, for a sentence: `12 of 12 services have it.`; empty where nobody is known. */
export function whoHasIt(fleet: FleetConfirmation | null | undefined): string {
  if (!fleet || fleet.live === 0) return "";
  return ` ${fleet.confirmed} of ${counted(fleet.live, "service")} confirmed.`;
}
