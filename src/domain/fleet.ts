import { counted } from "./text/counted.ts";

/** How far a pointer's revision has got among the live resolvers that have it in memory. */
export interface FleetConfirmation {
  readonly confirmed: number;
  readonly live: number;
  /** From the start of the move to the last confirmation, or until nobody waited any longer. */
  readonly ms: number;
  readonly missing: readonly LaggingResolver[];
}

export interface LaggingResolver {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** What it serves instead; 0: what the pointer names, it cannot serve. */
  readonly revision: number;
  /** How long ago it was last heard of, in ms. */
  readonly seenMsAgo: number;
}

/** How far a revision has got in a fleet, `ms` after its move began. */
export function confirmationOf(
  fleet: readonly LaggingResolver[],
  revision: number,
  ms: number,
): FleetConfirmation {
  const missing = fleet
    .filter((one) => one.revision < revision)
    .map(({ id, host, pid, revision: serves, seenMsAgo }) => ({
      id,
      host,
      pid,
      revision: serves,
      seenMsAgo,
    }));
  return { confirmed: fleet.length - missing.length, live: fleet.length, ms, missing };
}

/** A resolver that is up takes over a move in this time, at the latest by looking itself. In ms. */
export const DRIFT_MS = 5_000;

const MOST_NAMED = 10;

/** `12 of 12 resolvers in 41 ms`, and who is missing: web-1/4711 (serves revision 6, seen 3 s ago). */
export function describeConfirmation({ confirmed, live, ms, missing }: FleetConfirmation): string {
  if (live === 0) return "no live resolver has it in memory";
  const took = ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
  const heard = `${confirmed} of ${counted(live, "resolver")} in ${took}`;
  if (missing.length === 0) return heard;
  const names = missing.slice(0, MOST_NAMED).map(describeLagging);
  const more = missing.length - names.length;
  return `${heard}; not yet: ${[...names, ...(more > 0 ? [`${more} more`] : [])].join(", ")}`;
}

function describeLagging({ host, pid, revision, seenMsAgo }: LaggingResolver): string {
  const serves = revision === 0 ? "cannot serve it" : `serves revision ${revision}`;
  return `${host}/${pid} (${serves}, seen ${Math.round(seenMsAgo / 1000)} s ago)`;
}
