import * as v from "valibot";
import { assertIssuer, CI_PLATFORM_NAMES, CI_PLATFORMS, type CiPlatform } from "./ci-platforms.ts";
import { invalidInput } from "../errors.ts";
import { assertGrants, grantsSchema } from "./grants.ts";
import { WORKLOAD_ROLES } from "./roles.ts";
import type { TrustRule, TrustRuleRequest } from "../shapes/trust-rules.ts";
import { shown } from "../text/visible.ts";

const LONGEST_VALUE = 500;

/** {@link TrustRuleRequest}, as it comes from outside. */
export const trustRuleSchema = v.strictObject({
  name: v.string(),
  platform: v.picklist(CI_PLATFORM_NAMES),
  /** The platform's own when absent. */
  issuer: v.optional(v.string()),
  match: v.record(v.string(), v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_VALUE))),
  role: v.picklist(WORKLOAD_ROLES),
  grants: v.optional(grantsSchema, {}),
});
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** A rule that a token can fit; anything else is `invalid_input`. */
export function assertTrustRule(request: TrustRuleRequest): TrustRule {
  const { name, platform, match } = request;
  if (!NAME.test(name))
    throw invalidInput(
      `a trust rule's name ${shown(name)}: use 1 to 64 small letters, digits and . _ -, as in deploy`,
    );
  const known: CiPlatform = CI_PLATFORMS[platform];
  if (match[known.idClaim] === undefined)
    throw invalidInput(
      `trust rule ${name}: match has no ${known.idClaim}; a name may be given to another one later, so ${platform}'s jobs are known by that id`,
    );
  const strange = Object.keys(match).find(
    (claim) => claim !== known.idClaim && !known.claims.includes(claim),
  );
  if (strange !== undefined)
    throw invalidInput(
      `trust rule ${name}: ${shown(strange)} is nothing that a rule on ${platform} asks for; use ${known.claims.join(", ")}`,
    );
  const { issuer, grants = {}, role } = request;
  return {
    name,
    platform,
    issuer: issuer === undefined ? known.issuer : assertIssuer(issuer, `trust rule ${name}`),
    match,
    role,
    grants: assertGrants(grants),
  };
}
