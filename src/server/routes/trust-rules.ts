import { SluiceError } from "../../domain/errors.ts";
import { coversGrants } from "../../domain/access/grants.ts";
import { listTrustRules } from "../../storage/read/trust-rules.ts";
import { distrustWorkload, trustWorkload } from "../../use-cases/trust-workload.ts";
import {
  removedTrustRule,
  trustRule,
  trustRuleBody,
  trustRuleList,
  trustRuleParams,
} from "../contract/identity.ts";
import { answer, defineRoute } from "../route.ts";

/** Postgres sees to it that a rule can do no more than the admin's key. */
const BY_ADMIN = { access: "admin" } as const;

const allow = { permission: "administer", needsKey: true, places: "filtered" } as const;

export const listAllTrustRules = defineRoute({
  method: "GET",
  path: "/v1/trust-rules",
  summary: "Which CI jobs are let in, and for what",
  about: "Those that can do no more than the key that asks.",
  allow,
  limit: "read",
  answers: { 200: trustRuleList },
  async run({ caller: { grants }, parts: { db } }) {
    const items = (await listTrustRules(db)).filter((rule) => coversGrants(grants, rule.grants));
    return answer(200, { items, next: null });
  },
});

export const addOneTrustRule = defineRoute({
  method: "POST",
  path: "/v1/trust-rules",
  summary: "Lets CI jobs in whose tokens fit a rule",
  about:
    "`match` names the repository or project by its id (`repository_id`, `project_id`), since a name may be given to another one later. The rule is granted no more than the key that adds it has.",
  allow,
  limit: "write",
  body: trustRuleBody,
  answers: { 201: trustRule },
  idempotency: "none",
  async run({ body, caller }) {
    if (!coversGrants(caller.grants, body.grants))
      throw new SluiceError(
        "forbidden",
        "this key cannot grant more than it has: give the rule grants within its own; GET /v1/me says what they are",
        { grants: caller.grants },
      );
    return answer(201, await trustWorkload(caller.acting(), body, BY_ADMIN));
  },
});

export const removeOneTrustRule = defineRoute({
  method: "DELETE",
  path: "/v1/trust-rules/:rule",
  summary: "Lets nobody in by a rule any more; what it has let in is refused within seconds",
  allow,
  limit: "write",
  params: trustRuleParams,
  answers: { 200: removedTrustRule },
  idempotency: "natural",
  run: async ({ params: { rule }, caller }) =>
    answer(200, await distrustWorkload(caller.acting(), rule, BY_ADMIN)),
});
