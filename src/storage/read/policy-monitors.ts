import { sql } from "kysely";

/**
 * What the policies say of monitors under which what is live was promoted: prompt, label, model, tenant, and `monitors`,
 * null where a policy says nothing. What was moved by hand has no row.
 */
export const POLICY_MONITORS = sql`
  select distinct on (p.prompt, p.label, p.model, p.tenant) p.prompt, p.label, p.model, p.tenant,
    r.policy -> 'monitors' as monitors
  from sluice.pointers p
  join sluice.rollouts r on r.candidate_version = p.active_version and r.prompt = p.prompt and r.label = p.label
    and r.model = p.model and r.tenant = p.tenant and r.outcome = 'promoted'
  order by p.prompt, p.label, p.model, p.tenant, r.ended_at desc`;
