import * as v from "valibot";
import { reason } from "./labels.ts";
import { since } from "./records.ts";
import { label, model, promptName, tenant } from "./resolver.ts";

const LONGEST_WAIT_MS = 10_000;

export const pointersOfQuery = v.strictObject({
  prompt: v.optional(promptName),
  label: v.optional(label),
  /** As they were at this moment, in the form of `/v1/pointers/past`. */
  at: v.optional(since),
});

/** A moment that has been; of a prompt's own scopes, and of the defaults for every prompt. */
export const pastPointersQuery = v.strictObject({ prompt: v.optional(promptName), at: since });

const text = v.nullable(v.string());
/** Null is any prompt, any model, every tenant. */
const scope = { label: v.string(), prompt: text, model: text, tenant: text };

export const pointerItem = v.object({
  ...scope,
  active: text,
  activeId: text,
  previous: text,
  candidate: text,
  mode: v.nullable(v.picklist(["canary", "holdback"])),
  share: v.number(),
  rolloutId: text,
  leaseMs: v.nullable(v.number()),
  revision: v.number(),
  updatedAt: v.string(),
});

/** As `sluice pointers --json`. */
export const pointerList = v.object({ items: v.array(pointerItem), next: v.null() });

/** As `sluice pointers --at --json`. */
export const pastPointerList = v.object({
  items: v.array(
    v.object({
      ...scope,
      active: text,
      candidate: text,
      share: v.number(),
      revision: v.number(),
      since: text,
      by: text,
      reason: text,
      /** The version that was taken back for it; null where the move was no rollback. */
      tookBack: text,
    }),
  ),
  next: v.null(),
});

export const rollbackBody = v.strictObject({
  prompt: promptName,
  label: v.optional(label),
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** Kept in the audit log. */
  reason,
  /** `NAME@N`, further back than what was live before, or `inherited`. Takes a releaser's key. */
  to: v.optional(v.string()),
  /** For how long to wait until the live resolvers have confirmed it. */
  waitForFleetMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LONGEST_WAIT_MS))),
});

/** As `sluice rollback --json`. */
export const rolledBack = v.object({
  prompt: v.string(),
  serves: text,
  revision: v.number(),
  /** False: there was nothing to undo. The revision has risen all the same. */
  changed: v.boolean(),
  /** The candidate of the rollout that this has ended. */
  ended: text,
  fleet: v.nullable(
    v.object({
      confirmed: v.number(),
      live: v.number(),
      ms: v.number(),
      missing: v.array(v.looseObject({})),
    }),
  ),
});
