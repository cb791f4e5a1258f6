import type { Arm } from "../../domain/rollout/assignment.ts";

/** What a token says: a resolution without prompt text and without the unit itself. */
export interface TokenContent {
  readonly versionId: string | null;
  readonly prompt: string;
  readonly label: string;
  readonly model: string;
  readonly tenant: string;
  readonly rolloutId: string | null;
  readonly arm: Arm;
  readonly epoch: number | null;
  /** Digest of tenant and unit. */
  readonly unit: string | null;
  /** It has been rendered: the unit is exposed. */
  readonly rendered: boolean;
}

const PREFIX = "sluice1.";
/**
 * Longer than any that {@link writeToken} writes: a model and a tenant of 512 characters each, at six bytes a
 * character in JSON at most (twice as many for a model that grows in lower case), a third more in base64.
 */
const MAX_TOKEN = 16_384;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const ARMS: readonly Arm[] = ["unenrolled", "candidate", "control"];

export function writeToken({ unit, rendered, ...served }: TokenContent): string {
  return tokenOfUnit(tokenHead(served), unit, rendered);
}

/** What a token says of everybody who is served the same, up to its unit. */
export function tokenHead(served: Omit<TokenContent, "unit" | "rendered">): string {
  const { versionId, prompt, label, model, tenant, rolloutId, arm, epoch } = served;
  const parts = [versionId, prompt, label, model, tenant, rolloutId, ARMS.indexOf(arm), epoch];
  return JSON.stringify(parts).slice(0, -1);
}

/** The token of one of them. */
export function tokenOfUnit(head: string, unit: string | null, rendered: boolean): string {
  const digest = unit === null ? "null" : `"${unit}"`;
  return PREFIX + Buffer.from(`${head},${digest},${+rendered}]`).toString("base64url");
}

/** Undefined for anything that {@link writeToken} did not write: tokens come from outside. */
export function readToken(token: string): TokenContent | undefined {
  if (typeof token !== "string" || !token.startsWith(PREFIX) || token.length > MAX_TOKEN) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token.slice(PREFIX.length), "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 10) return undefined;
  const [versionId, prompt, label, model, tenant, rolloutId, armIndex, epoch, unit, rendered] =
    parts as unknown[];
  const arm = ARMS[armIndex as number];
  if (!isNullOr(versionId, UUID) || !isNullOr(rolloutId, UUID) || !isNullOr(unit, DIGEST)) return undefined;
  if (![prompt, label, model, tenant].every((text) => typeof text === "string")) return undefined;
  if (arm === undefined || (epoch !== null && !Number.isSafeInteger(epoch))) return undefined;
  if (arm !== "unenrolled" && (rolloutId === null || epoch === null || unit === null)) return undefined;
  return {
    versionId,
    prompt: prompt as string,
    label: label as string,
    model: model as string,
    tenant: tenant as string,
    rolloutId,
    arm,
    epoch: epoch as number | null,
    unit,
    rendered: rendered === 1,
  };
}

function isNullOr(value: unknown, pattern: RegExp): value is string | null {
  return value === null || (typeof value === "string" && pattern.test(value));
}
