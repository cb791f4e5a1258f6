import * as v from "valibot";
import { DIRECT_MOVES } from "../../domain/shapes/labels.ts";
import { versionNumber } from "./prompts.ts";
import { label, model, tenant, uuid } from "./resolver.ts";

const text = v.nullable(v.string());

/** Kept in the audit log. */
export const reason = v.pipe(
  v.string(),
  v.check((given) => given.trim() !== "", "must say why"),
  v.maxLength(2_000),
);

/** What each scope of a prompt's own serves. */
export const labelList = v.object({
  items: v.array(
    v.object({
      label: v.string(),
      model: text,
      tenant: text,
      /** `support-reply@2`; null: it inherits or serves nothing. */
      serves: text,
      version_id: text,
      candidate: text,
      mode: v.nullable(v.picklist(["canary", "holdback"])),
      /** Per cent of units that get the candidate. */
      share: v.number(),
      revision: v.number(),
    }),
  ),
  next: v.null(),
});

const revision = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The version by its number or its id; the revision here or in `If-Match`. */
export const setLabelBody = v.strictObject({
  label,
  version: v.optional(versionNumber),
  version_id: v.optional(uuid),
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** The one that was read; 0 where there is none yet. */
  expectedRevision: v.optional(revision),
  reason,
  /** Without a passed evaluation against what is served. */
  force: v.optional(v.boolean(), false),
  /** Also where its environment or the prompt's owner stands in the way; takes what `force` takes. */
  emergency: v.optional(v.boolean(), false),
});

export const labelSet = v.object({
  label: v.string(),
  serves: v.string(),
  version_id: v.string(),
  versionId: v.string(),
  sha256: v.string(),
  revision: v.number(),
});

export const labelParams = v.strictObject({ label });
const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0));
const onDirectMove = v.picklist(DIRECT_MOVES);
export const protectBody = v.strictObject({
  protected: v.optional(v.boolean()),
  /** What a Langfuse client's move without evidence comes to, where the label is protected. */
  onDirectMove: v.optional(onDirectMove),
  /** At which label a version has to be live first; null: from anywhere. */
  from: v.optional(v.nullable(label)),
  /** How long it has to be live there. */
  liveForMs: v.optional(milliseconds),
  reason,
});
export const protectedLabel = v.object({
  label: v.string(),
  protected: v.boolean(),
  onDirectMove,
  from: text,
  liveForMs: v.number(),
});
/** As `sluice labels --json`; `scopes` is left out for a key that may not know of all of them. */
export const protectedLabelList = v.object({
  items: v.array(v.object({ ...protectedLabel.entries, scopes: v.optional(v.number()) })),
  next: v.null(),
});
/** As `sluice labels protect --json`. */
export const protectedLabelSet = v.object({ ...protectedLabel.entries, changed: v.boolean() });

/** Which version a label is to serve, by the label's own rules. */
export const moveLabelBody = v.strictObject({
  label,
  model: v.optional(model),
  tenant: v.optional(tenant),
  /** May be left out with `dryRun`: one that is yet to be made. */
  version: v.optional(versionNumber),
  /** True: only says what it would come to. */
  dryRun: v.optional(v.boolean(), false),
});
export const labelMoved = v.object({
  label: v.string(),
  becomes: v.picklist(["unchanged", "moved", "rollout"]),
  rolloutId: text,
});
