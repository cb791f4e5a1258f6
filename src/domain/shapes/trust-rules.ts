import type { CiPlatformName } from "../access/ci-platforms.ts";
import type { WorkloadRole } from "../access/roles.ts";
import type { Grants } from "./keys.ts";

/** Which CI jobs may do what: a job whose token has each claim of `match` is let in with the role. */
export interface TrustRule {
  readonly name: string;
  readonly platform: CiPlatformName;
  /** The `iss` of its tokens. */
  readonly issuer: string;
  readonly match: Readonly<Record<string, string>>;
  readonly role: WorkloadRole;
  readonly grants: Grants;
}

/** Without an issuer it is about the platform's own; without grants it is for everything. */
export type TrustRuleRequest = Omit<TrustRule, "issuer" | "grants"> & {
  readonly issuer?: string | undefined;
  readonly grants?: Grants | undefined;
};

export interface ListedTrustRule extends TrustRule {
  readonly createdBy: string;
  readonly createdAt: string;
}
