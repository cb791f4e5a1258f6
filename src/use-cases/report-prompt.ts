import { allowsReading, type Grants } from "../domain/access/grants.ts";
import type { PromptOverview } from "../domain/shapes/overview.ts";
import type { Database } from "../storage/database.ts";
import { readAudit } from "../storage/read/audit.ts";
import { keptInGit } from "../storage/read/kept-in-git.ts";
import { listPointers } from "../storage/read/pointer-list.ts";
import { onePrompt } from "../storage/read/prompt-list.ts";
import { newsOfPointers } from "../storage/read/prompt-pointers.ts";
import { listRollouts } from "../storage/read/rollout-list.ts";
import { listUses } from "../storage/read/used-by.ts";
import { runningRollouts } from "./report-overview.ts";

/** Of rollouts and audit entries. */
const NEWEST = 5;

/** All that is to be said of a prompt; undefined where there is none. Reads Postgres alone. */
export async function reportPrompt(
  db: Database,
  prompt: string,
  seen: Grants,
): Promise<PromptOverview | undefined> {
  const listed = await onePrompt(db, prompt, seen);
  if (!listed) return undefined;
  const [pointers, news, rollouts, running, uses, audit, inGit = null] = await Promise.all([
    listPointers(db, prompt),
    newsOfPointers(db, prompt),
    listRollouts(db, { prompt, seen, limit: NEWEST }),
    runningRollouts(db, { prompt, seen, limit: NEWEST }),
    listUses(db, prompt, seen),
    readAudit(db, { prompt, seen, limit: NEWEST }),
    keptInGit(db, prompt),
  ]);
  const keyOf = (of: { label: string; prompt: string | null; model: string | null; tenant: string | null }) =>
    JSON.stringify([of.label, of.prompt ?? "", of.model ?? "", of.tenant ?? ""]);
  const known = new Map(news.map((one) => [keyOf(one), one]));
  return {
    ...listed,
    keptInGit: inGit,
    pointers: pointers
      .filter((one) => allowsReading(seen, { ...one, prompt, tenant: one.tenant ?? "" }))
      .map((one) => {
        const {
          since = null,
          by = null,
          live = 0,
          confirmed = 0,
          protected: isProtected = false,
        } = known.get(keyOf(one)) ?? {};
        return {
          ...one,
          since: since?.toISOString() ?? null,
          by,
          services: { live, confirmed },
          protected: isProtected,
        };
      }),
    rollouts,
    running,
    uses,
    audit: audit.toReversed(),
  };
}
