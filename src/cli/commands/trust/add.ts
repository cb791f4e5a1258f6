import { CI_PLATFORMS, type CiPlatformName } from "../../../domain/access/ci-platforms.ts";
import { invalidInput } from "../../../domain/errors.ts";
import type { WorkloadRole } from "../../../domain/access/roles.ts";
import { shown } from "../../../domain/text/visible.ts";
import type { CommandContext } from "../../context.ts";
import type { Given } from "../../parsing/given.ts";
import { withSluice } from "../../store.ts";
import { grantsText, readGrants } from "../keys/given-grants.ts";

export async function run(context: CommandContext, given: Given<"trust add">): Promise<void> {
  // The parser has refused any other words.
  const platform = given.requiredText("platform") as CiPlatformName;
  const request = {
    name: given.required(0),
    platform,
    issuer: given.text("issuer"),
    match: {
      ...Object.fromEntries(given.list("match").map(readMatch)),
      [CI_PLATFORMS[platform].idClaim]: given.requiredText("id"),
    },
    role: given.requiredText("role") as WorkloadRole,
    grants: readGrants(given),
  };
  const rule = await withSluice(context, (sluice) => sluice.addTrustRule(request));
  context.output.result(rule, () => [
    `${rule.name}: whatever runs at ${rule.issuer} and fits is let in as ${rule.role}, for ${grantsText(rule.grants)}`,
  ]);
}

function readMatch(text: string): [claim: string, value: string] {
  const [, claim, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (claim !== undefined && value !== undefined) return [claim, value];
  throw invalidInput(
    `--match must be a claim and its value, as in environment=production, not ${shown(text)}`,
    {
      option: "match",
    },
  );
}
