import * as v from "valibot";
import { grantsSchema } from "../../domain/access/grants.ts";
import { ROLES } from "../../domain/access/roles.ts";
import { flag } from "./paging.ts";

const MOST_OWNER = 200;
const LONGEST_MS = 100 * 365 * 86_400_000;
const text = v.nullable(v.string());
const ms = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LONGEST_MS));

export const keysQuery = v.strictObject({ all: v.optional(flag) });
export const keyParams = v.strictObject({
  id: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9]{12}$/, "must be a key's id, which stands between the two _ of it"),
  ),
});

const about = {
  id: v.string(),
  name: v.string(),
  role: v.picklist(ROLES),
  /** Where it may do what its role says; a list that is absent means everywhere. */
  grants: grantsSchema,
  owner: v.string(),
};

/** As `sluice keys list --json`. */
export const keyList = v.object({
  items: v.array(
    v.object({
      ...about,
      state: v.picklist(["good", "expired", "revoked"]),
      createdBy: v.string(),
      createdAt: v.string(),
      expiresAt: text,
      revokedAt: text,
      replacedBy: text,
      lastUsedAt: text,
    }),
  ),
  next: v.null(),
});

/** As `sluice keys intake --json`. */
export const keyIntakeList = v.object({
  items: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      intake: v.array(v.object({ kind: v.string(), n: v.number(), newestAt: v.string() })),
    }),
  ),
  next: v.null(),
});

export const createKeyBody = v.strictObject({
  name: v.string(),
  role: v.picklist(ROLES),
  grants: v.optional(grantsSchema, {}),
  /** Whose word its use is; the owner of the key that makes it when absent. */
  owner: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(MOST_OWNER))),
  /** Null: for ever. 90 days when absent, and for ever for a resolver's. */
  expiresInMs: v.optional(v.nullable(v.pipe(ms, v.minValue(1)))),
});

export const rotateKeyBody = v.strictObject({
  /** How long the old one stays good; a day when absent. */
  overlapMs: v.optional(ms),
});

/** As `sluice keys create --json`. The key itself is told here, and nowhere again. */
export const createdKey = v.object({ ...about, key: v.string() });
/** As `sluice keys revoke --json`. */
export const revokedKey = v.object({ id: v.string(), changed: v.boolean() });
