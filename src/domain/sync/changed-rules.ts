import { formatDuration } from "../policy/quantity.ts";
import { describePlace } from "../scope.ts";
import type { Manifest, ManifestEnvironment } from "../shapes/delivering.ts";

/** Of a manifest: what the store holds moves of pointers to. */
export type Rules = Pick<Manifest, "owner" | "environments">;

/** What the store would hold to differently, in words; nothing where another manifest says the same. */
export function changedRules(before: Rules, after: Rules): string[] {
  const was = new Map(before.environments.map((one) => [one.name, one]));
  const is = new Map(after.environments.map((one) => [one.name, one]));
  return [
    ...(before.owner === after.owner ? [] : [`owner: ${before.owner} -> ${after.owner}`]),
    ...before.environments
      .filter(({ name }) => !is.has(name))
      .map(({ name }) => `${name} is no environment any more`),
    ...after.environments.flatMap((one) => {
      const other = was.get(one.name);
      if (!other) return [`${one.name} is a new environment: ${place(one)}, ${asks(one)}`];
      return [
        ...difference(one.name, asks(other), asks(one)),
        ...difference(one.name, place(other), place(one)),
      ];
    }),
  ];
}

function difference(name: string, before: string, after: string): string[] {
  return before === after ? [] : [`${name}: ${before} -> ${after}`];
}

function asks({ from, liveForMs }: ManifestEnvironment): string {
  if (from === null) return "takes any version";
  return `takes what is live in ${from}${liveForMs > 0 ? ` for ${formatDuration(liveForMs)}` : ""}`;
}

function place({ label, scopes }: ManifestEnvironment): string {
  return scopes.map(({ model, tenant }) => describePlace({ label, model, tenant })).join(" and ");
}
