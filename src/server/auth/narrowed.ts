import * as v from "valibot";
import { allowsPrompt, type Grants, grantsSchema } from "../../domain/access/grants.ts";
import { invalidInput } from "../../domain/errors.ts";
import type { Caller } from "../caller.ts";

/** What a request is held to beside its key: a relay says here what the key was granted that it acts for. */
export const GRANTS_HEADER = "sluice-grants";

/** Grants as a header: JSON in base64url, since names may be of any letters. */
export function grantsText(grants: Grants): string {
  return Buffer.from(JSON.stringify(grants)).toString("base64url");
}

function readGrants(text: string): Grants {
  try {
    return v.parse(grantsSchema, JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    throw invalidInput(`${GRANTS_HEADER}: must be the JSON of a key's grants in base64url`, {
      at: `header.${GRANTS_HEADER}`,
    });
  }
}

/** The caller, held to these grants too. They never widen anything. */
export function narrowed(caller: Caller, header: string): Caller {
  return { ...caller, grants: commonGrants(caller.grants, readGrants(header)) };
}

/** What both allow. How requests of Langfuse's clients are read is for the second to say. */
export function commonGrants(wider: Grants, narrower: Grants): Grants {
  const labels = common(wider.labels, narrower.labels);
  const tenants = common(wider.tenants, narrower.tenants);
  const prompts = commonPrompts(wider, narrower);
  const langfuse = narrower.langfuse ?? wider.langfuse;
  return {
    ...(labels && { labels }),
    ...(prompts && { prompts }),
    ...(tenants && { tenants }),
    ...(langfuse && { langfuse }),
  };
}

function common(a: readonly string[] | undefined, b: readonly string[] | undefined) {
  return a && b ? a.filter((one) => b.includes(one)) : (a ?? b);
}

/** A prompt, or all below a folder, is in both where the other allows it. */
function commonPrompts(a: Grants, b: Grants): string[] | undefined {
  if (!a.prompts || !b.prompts) return (a.prompts ?? b.prompts)?.slice();
  const both = [
    ...a.prompts.filter((one) => allowsPrompt(b, one)),
    ...b.prompts.filter((one) => allowsPrompt(a, one)),
  ];
  return [...new Set(both)];
}
