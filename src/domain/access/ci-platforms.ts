import { invalidInput } from "../errors.ts";
import { isLoopbackHost } from "../addresses/loopback-host.ts";
import { shown } from "../text/visible.ts";

/** What a platform's tokens of CI jobs look like. */
export interface CiPlatform {
  /** Of the platform that everybody can use; others of the kind are named in SLUICE_WORKLOAD_ISSUERS. */
  readonly issuer: string;
  /** The claim that names what the job belongs to, by an id that is never given to another one. */
  readonly idClaim: string;
  /** The run that a job belongs to. */
  readonly runClaim: string;
  /** What else a rule may ask for. */
  readonly claims: readonly string[];
}

export const CI_PLATFORMS = {
  github: {
    issuer: "https://token.actions.githubusercontent.com",
    idClaim: "repository_id",
    runClaim: "run_id",
    claims: ["environment", "ref", "event_name", "job_workflow_ref", "workflow_ref"],
  },
  gitlab: {
    issuer: "https://gitlab.com",
    idClaim: "project_id",
    runClaim: "pipeline_id",
    claims: ["environment", "ref", "ref_type", "ref_protected", "pipeline_source", "ci_config_ref_uri"],
  },
} as const satisfies Record<string, CiPlatform>;
export type CiPlatformName = keyof typeof CI_PLATFORMS;
export const CI_PLATFORM_NAMES = Object.keys(CI_PLATFORMS) as readonly CiPlatformName[];

/** Issuers whose tokens are taken, and what they look like. */
export type WorkloadIssuers = ReadonlyMap<string, CiPlatformName>;

/**
 * GitHub's and GitLab's own, and those that SLUICE_WORKLOAD_ISSUERS names beside: `gitlab=https://gitlab.example`, with
 * commas or spaces between. Anything else is `invalid_input`.
 */
export function readWorkloadIssuers(text: string, name = "SLUICE_WORKLOAD_ISSUERS"): WorkloadIssuers {
  const issuers = new Map<string, CiPlatformName>();
  for (const platform of CI_PLATFORM_NAMES) issuers.set(CI_PLATFORMS[platform].issuer, platform);
  for (const one of text.split(/[\s,]+/).filter(Boolean)) {
    const [, platform, issuer] = /^(\w+)=(.+)$/.exec(one) ?? [];
    if (issuer === undefined || !(CI_PLATFORM_NAMES as readonly string[]).includes(platform!))
      throw invalidInput(
        `${name}: ${shown(one)} is no issuer; write github=https://… or gitlab=https://…, as the tokens say in iss`,
        { name },
      );
    issuers.set(assertIssuer(issuer, name), platform as CiPlatformName);
  }
  return issuers;
}

/** The address of an issuer of tokens, as it is; what is none is `invalid_input`. */
export function assertIssuer(issuer: string, name: string): string {
  const url = URL.parse(issuer);
  if (url && (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname))))
    if (url.username === "" && url.password === "" && url.search === "" && url.hash === "") return issuer;
  throw invalidInput(
    `${name}: ${shown(issuer)} is no issuer's address; write it as its tokens do, as in https://gitlab.example`,
    { name },
  );
}
