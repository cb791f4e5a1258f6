import * as v from "valibot";
import { DELIVERY_STATES, MOST_MANIFEST_PROMPTS } from "../../domain/shapes/delivering.ts";
import { reason } from "./labels.ts";
import { limit, pageOf } from "./paging.ts";
import { label, model, promptName, tenant, uuid } from "./resolver.ts";
import { dataset } from "./versions.ts";

const text = v.nullable(v.string());
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(500));
const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40,64}$/, "must be a whole commit id"));
const time = v.pipe(v.string(), v.isoTimestamp("must be a time, as in 2026-05-01T12:00:00Z"));
const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const MOST_ENVIRONMENTS = 50;
const MOST_SCOPES = 200;

const manifest = {
  /** `github.com/acme/prompts`. */
  repository: name,
  branch: name,
  commit,
  committedAt: time,
  owner: v.picklist(["git", "both"]),
  environments: v.pipe(
    v.array(
      v.strictObject({
        name,
        label,
        from: v.nullable(name),
        liveForMs: whole,
        scopes: v.pipe(
          v.array(v.strictObject({ model: v.nullable(model), tenant: v.nullable(tenant) })),
          v.minLength(1),
          v.maxLength(MOST_SCOPES),
        ),
      }),
    ),
    v.minLength(1),
    v.maxLength(MOST_ENVIRONMENTS),
  ),
  prompts: v.pipe(
    v.array(
      v.strictObject({
        prompt: promptName,
        path: name,
        sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex")),
      }),
    ),
    v.maxLength(MOST_MANIFEST_PROMPTS),
  ),
};

export const manifestBody = v.strictObject({
  ...manifest,
  /** Of the manifest that it takes the place of; 0: there was none. */
  expectedRevision: whole,
  /** Also where it does not follow that one: an older commit, or another branch. */
  takeOver: v.optional(v.boolean(), false),
});

/** These prompts of a repository; all of it when there are none. */
export const forgetBody = v.strictObject({
  repository: name,
  prompts: v.optional(v.pipe(v.array(promptName), v.maxLength(MOST_MANIFEST_PROMPTS)), []),
  reason,
});
export const forgotten = v.object({
  repository: v.string(),
  prompts: v.array(v.string()),
  whole: v.boolean(),
});

export const publication = v.object({
  repository: v.string(),
  commit: v.string(),
  revision: v.number(),
  changed: v.boolean(),
  replaced: text,
});

/** Of each manifest the prompts that the key was granted. */
export const manifestList = v.object({
  items: v.array(
    v.object({
      ...manifest,
      committedAt: v.string(),
      revision: v.number(),
      publishedAt: v.string(),
      publishedBy: v.string(),
    }),
  ),
  next: v.null(),
});

export const deliveriesQuery = v.strictObject({
  prompt: v.optional(promptName),
  repository: v.optional(name),
  commit: v.optional(commit),
  cursor: v.optional(uuid),
  limit: v.optional(limit),
});

const environment = v.looseObject({
  environment: v.string(),
  label: v.string(),
  model: text,
  tenant: text,
  step: v.picklist(["live", "running", "start", "wait", "refused", "older"]),
  live: text,
  rolloutId: text,
});

/** As `sluice sync status --json`. */
export const listedDelivery = v.object({
  deliveryId: v.string(),
  prompt: v.string(),
  version: v.string(),
  repository: v.string(),
  branch: v.string(),
  commit: v.string(),
  state: v.picklist(DELIVERY_STATES),
  reason: v.string(),
  wakesAt: text,
  startedBy: v.string(),
  startedAt: v.string(),
  endedAt: text,
  environments: v.array(environment),
});
export const deliveryList = pageOf(listedDelivery);

const anything = v.record(v.string(), v.unknown());

export const deliverBody = v.strictObject({
  prompt: promptName,
  commit,
  /** By environment; the policy that was pushed with the prompt where there is none. */
  policies: v.optional(
    v.record(name, v.strictObject({ policy: anything, dataset: v.optional(dataset) })),
    {},
  ),
  /** What is started only because somebody asks: content that was tried and refused, or is older than what is live. */
  also: v.optional(v.array(v.picklist(["refused", "older"])), []),
});

export const startedDelivery = v.object({
  delivery: listedDelivery,
  started: v.array(v.looseObject({ environment: v.string(), label: v.string(), version: v.string() })),
});

/** As `sluice sync drift --published --json`. */
export const seenDrifts = v.object({
  /** When all published manifests were last compared with what is served; null: never. */
  lookedAt: text,
  items: v.array(
    v.object({
      kind: v.picklist(["git_ahead", "refused", "store_ahead", "unknown"]),
      repository: v.string(),
      prompt: v.string(),
      environment: text,
      label: text,
      model: text,
      tenant: text,
      live: text,
      rolloutId: text,
      message: v.string(),
      since: v.string(),
    }),
  ),
  next: v.null(),
});
