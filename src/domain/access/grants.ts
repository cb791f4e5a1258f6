import * as v from "valibot";
import { invalidInput } from "../errors.ts";
import { assertLabel, promptNameProblem } from "../names.ts";
import { scopePartProblem, type ScopeColumns } from "../scope.ts";
import { type Grants, UNIT_MARKS } from "../shapes/keys.ts";
import { VENDORS } from "../models/vendors.ts";
import { shown } from "../text/visible.ts";

export type { Grants } from "../shapes/keys.ts";

const langfuseSchema = v.strictObject({
  unit: v.optional(v.picklist(UNIT_MARKS)),
  tenant: v.optional(v.string()),
  defaultModel: v.optional(v.string()),
  untrusted: v.optional(v.picklist(["refuse", "delimit"])),
  scores: v.optional(v.record(v.string(), v.record(v.string(), v.number()))),
});

/** {@link Grants}, as they come from outside. */
export const grantsSchema = v.strictObject({
  labels: v.optional(v.array(v.string())),
  prompts: v.optional(v.array(v.string())),
  tenants: v.optional(v.array(v.string())),
  force: v.optional(v.boolean()),
  browserScores: v.optional(v.boolean()),
  langfuse: v.optional(langfuseSchema),
});

/** Grants whose names can be names at all; anything else is `invalid_input`. */
export function assertGrants(grants: Grants): Grants {
  for (const label of grants.labels ?? []) assertLabel(label);
  for (const prompt of grants.prompts ?? []) {
    const problem = promptNameProblem(prompt.replace(/\/$/, ""));
    if (problem)
      throw invalidInput(
        `prompt ${shown(prompt)}: ${problem}; name a prompt, or all below a folder as in support/`,
      );
  }
  for (const tenant of grants.tenants ?? [])
    if (tenant === "") throw invalidInput("a tenant's name is not empty; leave tenants out for all of them");
  assertLangfuseGrants(grants);
  return grants;
}

function assertLangfuseGrants({ langfuse = {}, tenants }: Grants): void {
  const { tenant = "", defaultModel } = langfuse;
  const problem = scopePartProblem("tenant", tenant);
  if (problem) throw invalidInput(`langfuse.tenant: ${problem}`);
  if (tenant !== "" && tenants && !tenants.includes(tenant))
    throw invalidInput(
      `langfuse.tenant: the key is not for the tenant ${shown(tenant)}; name it among its tenants too`,
    );
  if (defaultModel !== undefined && !Object.hasOwn(VENDORS, defaultModel.split("/", 1)[0]!))
    throw invalidInput(
      `langfuse.defaultModel: ${shown(defaultModel)} names no vendor; write it as in openai/gpt-5.4-mini`,
    );
}

export function allowsLabel({ labels }: Grants, label: string): boolean {
  return labels === undefined || labels.includes(label);
}

/** Whether a prompt is one of those granted. The empty name, of a default for every prompt, is none of some. */
export function allowsPrompt({ prompts }: Grants, prompt: string): boolean {
  if (prompts === undefined) return true;
  return prompts.some((one) => (one.endsWith("/") ? prompt.startsWith(one) : prompt === one));
}

/** Whether a tenant is one of those granted; `""`, which stands for all tenants, is none of some. */
export function allowsTenant({ tenants }: Grants, tenant: string): boolean {
  return tenants === undefined || tenants.includes(tenant);
}

/** What is served to all tenants is also what a granted one inherits, so it may be read. */
export function allowsReading(
  grants: Grants,
  { label, prompt, tenant }: Omit<ScopeColumns, "model">,
): boolean {
  return (
    allowsLabel(grants, label) &&
    allowsPrompt(grants, prompt) &&
    (tenant === "" || allowsTenant(grants, tenant))
  );
}

/** Whether all that a scope covers is granted: what is changed there changes nothing of anybody else's. */
export function allowsChanging(
  grants: Grants,
  { label, prompt, tenant }: Omit<ScopeColumns, "model">,
): boolean {
  return allowsLabel(grants, label) && allowsPrompt(grants, prompt) && allowsTenant(grants, tenant);
}

/** Whether all that the narrower grants allow is allowed by the wider ones too. */
export function coversGrants(wider: Grants, narrower: Grants): boolean {
  const covers = (whole: readonly string[] | undefined, part: readonly string[] | undefined) =>
    whole === undefined || (part?.every((one) => whole.includes(one)) ?? false);
  const { prompts } = narrower;
  return (
    covers(wider.labels, narrower.labels) &&
    covers(wider.tenants, narrower.tenants) &&
    (wider.prompts === undefined || (prompts?.every((one) => allowsPrompt(wider, one)) ?? false))
  );
}
