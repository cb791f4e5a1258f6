import * as v from "valibot";
import { CI_PLATFORM_NAMES } from "../../domain/access/ci-platforms.ts";
import { grantsSchema } from "../../domain/access/grants.ts";
import { PRINCIPAL_KINDS } from "../../domain/access/principal.ts";
import { ROLES, WORKLOAD_ROLES } from "../../domain/access/roles.ts";
import { trustRuleSchema } from "../../domain/access/trust-rule.ts";

/** Longer ones are no token of any issuer. */
const LONGEST_TOKEN = 16_384;

export const workloadBody = v.strictObject({
  /** The ID token that the CI platform has given the job, for this server as its audience. */
  token: v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_TOKEN)),
  /** The trust rule that is meant, where a job fits several. */
  rule: v.optional(v.string()),
});
export const workloadToken = v.object({
  /** Sent as a key is: `Authorization: Bearer TOKEN`. */
  token: v.string(),
  expiresAt: v.string(),
  /** The trust rule that has let the job in. */
  rule: v.string(),
  role: v.picklist(WORKLOAD_ROLES),
  grants: grantsSchema,
  /** Of the CI job in the audit log. */
  name: v.string(),
});

export const sessionBody = v.union([
  v.strictObject({ key: v.string() }),
  /** The text of a sign-in link, which works once. */
  v.strictObject({ once: v.string() }),
]);
export const openedSession = v.object({
  /** Of the key. */
  owner: v.string(),
  role: v.picklist(ROLES),
});
/** Whether there was one. */
export const endedSession = v.object({ ended: v.boolean() });

/** One session, or all of one person or CI job. */
export const sessionsQuery = v.union(
  [v.strictObject({ id: v.string() }), v.strictObject({ name: v.string() })],
  "must have id or name, and one of the two",
);
const listedSession = v.object({
  id: v.string(),
  kind: v.picklist(PRINCIPAL_KINDS),
  name: v.string(),
  origin: v.object({
    subject: v.optional(v.string()),
    email: v.optional(v.string()),
    rule: v.optional(v.string()),
    run: v.optional(v.string()),
  }),
  keyId: v.nullable(v.string()),
  role: v.picklist(ROLES),
  grants: grantsSchema,
  openedAt: v.string(),
  lastUsedAt: v.string(),
  expiresAt: v.string(),
});
/** As `sluice sessions list --json`. */
export const sessionList = v.object({ items: v.array(listedSession), next: v.null() });
/** As `sluice sessions end --json`. */
export const endedSessionList = v.object({
  items: v.array(v.pick(listedSession, ["id", "kind", "name"])),
  next: v.null(),
});

export const loginQuery = v.strictObject({
  /** Where to come back to: a path of this server. */
  return_to: v.optional(v.string()),
});
/** What an issuer says beside is its own affair. */
export const callbackQuery = v.looseObject({
  code: v.optional(v.string()),
  state: v.optional(v.string()),
  iss: v.optional(v.string()),
  error: v.optional(v.string()),
});
export const nothing = v.undefined();
export const page = v.string();

export const trustRuleParams = v.strictObject({ rule: v.string() });
export const trustRuleBody = trustRuleSchema;
export const trustRule = v.object({
  name: v.string(),
  platform: v.picklist(CI_PLATFORM_NAMES),
  issuer: v.string(),
  match: v.record(v.string(), v.string()),
  role: v.picklist(WORKLOAD_ROLES),
  grants: grantsSchema,
});
/** As `sluice trust list --json`. */
export const trustRuleList = v.object({
  items: v.array(v.object({ ...trustRule.entries, createdBy: v.string(), createdAt: v.string() })),
  next: v.null(),
});
export const removedTrustRule = v.object({ name: v.string() });
