import * as v from "valibot";
import { LETTER_ACTS } from "../../domain/shapes/dead-letters.ts";
import { USAGE_BY } from "../../domain/shapes/usage.ts";
import { PRINCIPAL_KINDS } from "../../domain/access/principal.ts";
import { entryCursor, flag, limit, pageOf } from "./paging.ts";
import { reason } from "./labels.ts";
import { rights } from "./rights.ts";
import { label, model, promptName, tenant, uuid } from "./resolver.ts";

const text = v.nullable(v.string());
const number = v.nullable(v.number());
const anything = v.object({});

export const aboutMe = v.object({
  id: v.string(),
  /** `key`, also by a session that was opened with one; `person`, `workload` (a CI job) or `proxy`. */
  kind: v.picklist(PRINCIPAL_KINDS),
  /** Whether it is a session, or a CI job's token, which is one too. */
  session: v.boolean(),
  /** When it ends, if nothing is done; null: not by itself. */
  expiresAt: text,
  name: v.string(),
  role: v.string(),
  /** The key's owner, or the person or CI job: the name in the audit log. */
  owner: v.string(),
  /** Where it may do what its role says; a list that is absent means everywhere. */
  grants: anything,
  permissions: v.array(v.string()),
});

export const since = v.pipe(v.string(), v.isoTimestamp("must be a time, as in 2026-01-31T18:00:00Z"));
const MOST_NAME = 512;

export const auditQuery = v.strictObject({
  prompt: v.optional(promptName),
  rollout: v.optional(uuid),
  label: v.optional(label),
  /** By proof, by their own word, or the database's login. */
  actor: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MOST_NAME))),
  action: v.optional(v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/, "must be an action, as in promoted"))),
  /** From this moment on, and before this one. */
  from: v.optional(since),
  to: v.optional(since),
  limit: v.optional(limit),
  /** `next` of the page before. */
  cursor: v.optional(entryCursor),
});
export const auditEntry = v.object({
  prompt: v.string(),
  seq: v.number(),
  at: v.string(),
  actor: v.string(),
  asserted: text,
  principal: v.nullable(
    v.object({
      kind: v.picklist(PRINCIPAL_KINDS),
      id: v.string(),
      name: v.string(),
      by: v.string(),
      /** Of a session that was opened with a key. */
      session: v.optional(v.string()),
      /** Of a CI job. */
      subject: v.optional(v.string()),
      run: v.optional(v.string()),
      rule: v.optional(v.string()),
      /** Of a person whose issuer has verified it. */
      email: v.optional(v.string()),
    }),
  ),
  action: v.string(),
  label: text,
  model: text,
  tenant: text,
  rolloutId: text,
  from: text,
  to: text,
  revision: number,
  reason: text,
  details: anything,
  hash: v.string(),
});
export const MOST_LINES = 10_000;
const { cursor: _cursor, limit: _limit, ...auditFilter } = auditQuery.entries;
/** Which entries a file is to have. */
export const auditLinesQuery = v.strictObject(auditFilter);
export const auditLines = v.string();
/** As `sluice audit --json`, the newest first. */
export const auditList = pageOf(auditEntry);

const scope = { label: v.optional(label), model: v.optional(model), tenant: v.optional(tenant) };

export const fleetQuery = v.strictObject({ prompt: promptName, ...scope });
/** As `sluice fleet --json`. */
export const fleetReport = v.object({
  label: v.string(),
  prompt: v.string(),
  model: text,
  tenant: text,
  serves: text,
  revision: v.number(),
  confirmed: v.number(),
  live: v.number(),
  drift: v.boolean(),
  instances: v.array(
    v.object({
      id: v.string(),
      host: v.string(),
      pid: v.number(),
      sdkVersion: v.string(),
      revision: v.number(),
      startedAt: v.string(),
      seenMsAgo: v.number(),
      behindMs: number,
    }),
  ),
});

export const usageQuery = v.strictObject({
  prompt: promptName,
  ...scope,
  /** Whole hours that begin then or later; the last 7 days when absent. */
  since: v.optional(since),
  /** `series` as well: what each version did in each hour or day of UTC; `releases`: what came to be served; and `usedBy`: which tenants and models there are. */
  by: v.optional(v.picklist(USAGE_BY, `must be one of: ${USAGE_BY.join(", ")}`)),
});
/** As `sluice usage --json`. */
export const usage = v.object({
  prompt: v.string(),
  label: v.string(),
  model: text,
  tenant: text,
  since: v.string(),
  versions: v.array(
    v.looseObject({ version: v.number(), executions: v.number(), metrics: v.array(anything) }),
  ),
  series: v.optional(
    v.array(
      v.object({
        version: v.number(),
        from: v.string(),
        executions: v.number(),
        metrics: v.record(
          v.string(),
          v.object({ n: v.number(), mean: v.number(), p50: number, p95: number }),
        ),
      }),
    ),
  ),
  releases: v.optional(
    v.array(
      v.object({
        at: v.string(),
        version: v.number(),
        kind: v.picklist(["released", "rolled_back", "moved"]),
      }),
    ),
  ),
  usedBy: v.optional(v.object({ tenants: v.array(v.string()), models: v.array(v.string()) })),
});

export const deadLettersQuery = v.strictObject({ all: v.optional(flag) });
export const deadLetterParams = v.strictObject({ id: uuid });
export const discardBody = v.strictObject({ reason });
/** As `sluice dead-letters show --json`. */
export const deadLetter = v.object({
  id: v.string(),
  operationId: v.string(),
  operation: v.string(),
  prompt: text,
  rolloutId: text,
  payload: anything,
  error: v.looseObject({ code: v.string(), message: v.string() }),
  status: v.picklist(["open", "redriven", "discarded"]),
  createdAt: v.string(),
  resolvedAt: text,
  resolvedBy: text,
  resolution: text,
  /** What whoever asks may do about it; not in the answer to doing it. */
  can: v.optional(rights(LETTER_ACTS)),
});
export const deadLetterList = v.object({ items: v.array(deadLetter), next: v.null() });

/** As `sluice dead-letters redrive --json`. */
export const redrivenLetter = v.object({
  letter: deadLetter,
  /** What was done, in one sentence. */
  resolution: v.string(),
  /** The rollout that does the work again, where it takes one. */
  rollout: v.nullable(v.looseObject({ rolloutId: v.string(), candidate: v.string() })),
  /** It had been dealt with before: nothing was done now. */
  already: v.boolean(),
});
