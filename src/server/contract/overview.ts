import * as v from "valibot";
import { POINTER_ACTS, PROMPT_ACTS, WANTED_KINDS } from "../../domain/shapes/overview.ts";
import { pointerItem } from "./pointers.ts";
import { auditEntry } from "./records.ts";
import { label, promptName } from "./resolver.ts";
import { rights } from "./rights.ts";
import { listedRollout, rolloutStatus } from "./rollouts.ts";
import { listedPrompt, useItem } from "./versions.ts";

const text = v.nullable(v.string());
const number = v.nullable(v.number());

export const overviewQuery = v.strictObject({ label: v.optional(label), prompt: v.optional(promptName) });

const scope = { label: v.string(), model: text, tenant: text };
const usageSum = { calls: v.number(), rating: number, errors: number };

const runningRollout = v.looseObject({ ...rolloutStatus.entries, lookedAt: text, intervalMs: number });

export const homeOverview = v.object({
  /** There is no prompt yet. */
  isEmpty: v.boolean(),
  /** What whoever asks should see to, the most urgent first. */
  wanted: v.array(
    v.object({
      kind: v.picklist(WANTED_KINDS),
      text: v.string(),
      since: v.string(),
      prompt: text,
      label: text,
      model: text,
      tenant: text,
      rolloutId: text,
      deadLetterId: text,
      draftId: text,
      alertId: text,
    }),
  ),
  /** Open rollouts, the newest first. */
  running: v.array(runningRollout),
  /** What is served by prompt and label, the most used of the last 24 hours first. */
  live: v.array(
    v.object({
      prompt: v.string(),
      ...scope,
      version: v.string(),
      moreScopes: v.number(),
      since: text,
      by: text,
      day: v.object(usageSum),
      week: v.array(v.object({ ...usageSum, from: v.string() })),
    }),
  ),
  moreLive: v.number(),
  /** The newest endings. */
  ended: v.array(v.object(listedRollout)),
  /** How many are open. */
  deadLetters: v.number(),
  /** Places where what is served is not what Git says. */
  drift: v.number(),
});

export const promptOverview = v.object({
  ...listedPrompt.entries,
  /** The repository that publishes it; `owner: git`: nothing else is saved or made live of it. */
  keptInGit: v.nullable(
    v.object({
      repository: v.string(),
      branch: v.string(),
      path: v.string(),
      owner: v.picklist(["git", "both"]),
    }),
  ),
  /** What its requests can meet, defaults for every prompt among them. */
  pointers: v.array(
    v.object({
      ...pointerItem.entries,
      /** Since when it serves what it serves, and who has made it so. */
      since: text,
      by: text,
      services: v.object({ live: v.number(), confirmed: v.number() }),
      protected: v.boolean(),
      can: rights(POINTER_ACTS),
    }),
  ),
  rollouts: v.array(v.object(listedRollout)),
  running: v.array(runningRollout),
  /** Versions of other prompts that include one of its own. */
  uses: v.array(useItem),
  /** The newest first. */
  audit: v.array(auditEntry),
  can: rights(PROMPT_ACTS),
});

export const overviewAnswer = v.union([promptOverview, homeOverview]);
