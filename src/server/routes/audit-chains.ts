import { readAuditChains } from "../../storage/read/audit-chains.ts";
import {
  assertCheckpoint,
  checkAgainstCheckpoint,
  checkpointAudit,
  checkpointSchema,
} from "../../use-cases/checkpoint-audit.ts";
import {
  auditChains,
  auditChainsQuery,
  auditCheckpoint,
  checkpointVerification,
} from "../contract/audit-chains.ts";
import { cursorEntry, cursorOfEntry, nextOf, USUAL_ITEMS } from "../contract/paging.ts";
import { answer, defineRoute } from "../route.ts";

export const listAuditChains = defineRoute({
  method: "GET",
  path: "/v1/audit/chains",
  summary: "The whole audit log, chain by chain, each entry with what its hash is of",
  about:
    "Each prompt's chain begins with its first entry. The SHA-256 of `content` is `hash`; `previousHash` is that of the entry before it. Entries about what the key may not see are left out.",
  allow: { permission: "read", places: "filtered" },
  limit: "read",
  query: auditChainsQuery,
  answers: { 200: auditChains },
  async run({ query: { prompt, cursor, limit = USUAL_ITEMS }, caller: { grants: seen }, parts: { db } }) {
    const items = await readAuditChains(db, { prompt, after: cursorEntry(cursor), limit, seen });
    return answer(200, { items, next: nextOf(items, limit, cursorOfEntry) });
  },
});

export const getCheckpoint = defineRoute({
  method: "GET",
  path: "/v1/audit/checkpoint",
  summary: "How far the chain of every prompt has come, to be kept elsewhere",
  about: "What it finds later: newest entries that were cut off, and chains that were written anew.",
  allow: { permission: "read", places: "filtered" },
  limit: "heavy",
  answers: { 200: auditCheckpoint },
  run: async ({ caller: { grants }, parts: { db } }) => answer(200, await checkpointAudit(db, grants)),
});

export const verifyCheckpoint = defineRoute({
  method: "POST",
  path: "/v1/audit/checkpoint/verification",
  summary: "Whether the audit log still goes through a checkpoint",
  about: "Compares the chains that the key may know of. Changes nothing.",
  allow: { permission: "read", places: "filtered" },
  limit: "heavy",
  bodyLimit: 16 << 20,
  body: checkpointSchema,
  answers: { 200: checkpointVerification },
  idempotency: "natural",
  run: async ({ body, caller: { grants }, parts: { db } }) =>
    answer(200, await checkAgainstCheckpoint(db, assertCheckpoint(body, "the body"), grants)),
});
