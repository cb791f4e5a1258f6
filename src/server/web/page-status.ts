import type { FastifyRequest } from "fastify";
import type { PageRoute } from "../../domain/addresses/page-address.ts";
import { allowsPrompt, allowsReading } from "../../domain/access/grants.ts";
import { promptExists } from "../../storage/read/prompt-list.ts";
import { findRollout, rolloutScope } from "../../storage/read/rollout-row.ts";
import { newestVersion } from "../../storage/read/version.ts";
import type { Parts } from "../parts.ts";
import type { Caller } from "../route.ts";

/**
 * 404 where an address is of nothing that whoever asks may see. Who has not signed in learns nothing of what there is,
 * and while the store is away nobody does: that the page says itself.
 */
export async function pageStatus(
  route: PageRoute,
  request: FastifyRequest,
  parts: Parts,
): Promise<200 | 404> {
  if (route.screen === "nowhere") return 404;
  // A prompt that is written for the first time is not there yet.
  if (route.screen === "editor") return 200;
  if (!("prompt" in route || "rollout" in route)) return 200;
  const { method, headers, ip: address, socket } = request;
  try {
    const caller = await parts.authenticate({ method, headers, address, peer: socket.remoteAddress });
    return (await isThere(route, caller, parts)) ? 200 : 404;
  } catch {
    return 200;
  }
}

type Thing = Exclude<
  Extract<PageRoute, { readonly prompt: string } | { readonly rollout: string }>,
  { readonly screen: "editor" }
>;

async function isThere(route: Thing, { grants }: Caller, { db }: Parts): Promise<boolean> {
  if ("rollout" in route) {
    const rollout = await findRollout(db, route.rollout);
    return rollout !== undefined && allowsReading(grants, rolloutScope(rollout));
  }
  const { prompt } = route;
  if (!allowsPrompt(grants, prompt)) return false;
  const numbers = "version" in route ? [route.version] : "from" in route ? [route.from, route.to] : [];
  if (numbers.length === 0) return promptExists(db, prompt);
  const newest = await newestVersion(db, prompt);
  return newest !== undefined && numbers.every((number) => number <= newest.number);
}
