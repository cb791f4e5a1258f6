import * as v from "valibot";
import { invalidInput } from "../errors.ts";
import { assertGrants, type Grants, grantsSchema } from "./grants.ts";
import { checkSource, readSource } from "../prompt/source-document.ts";
import { type Role, ROLES } from "./roles.ts";

/** What people may do, by what their issuer says of them. */
export interface RolesFile {
  /** The claim that says it: a text, or a list of texts. */
  readonly claim: string;
  /** The first whose value the claim has. */
  readonly roles: readonly { readonly value: string; readonly role: Role; readonly grants: Grants }[];
}

const shape = v.strictObject({
  claim: v.pipe(v.string(), v.minLength(1)),
  roles: v.pipe(
    v.array(
      v.strictObject({
        value: v.pipe(v.string(), v.minLength(1)),
        role: v.picklist(ROLES),
        grants: v.optional(grantsSchema, {}),
      }),
    ),
    v.minLength(1, "names no role, so nobody could sign in"),
  ),
});

/** Reads a file of roles, YAML or JSON. What cannot be one is `invalid_input` that says where. */
export function readRolesFile(text: string, path: string): RolesFile {
  const file = checkSource(readSource(text, path), shape);
  for (const { grants } of file.roles) assertGrants(grants);
  const values = file.roles.map(({ value }) => value);
  if (new Set(values).size < values.length)
    throw invalidInput(`${path}: a value stands twice; the first alone would count`, { path });
  return file;
}

/** What somebody may do of whom these claims are true; undefined: nothing. */
export function roleByClaims(
  { claim, roles }: RolesFile,
  claims: Readonly<Record<string, unknown>>,
): { readonly role: Role; readonly grants: Grants } | undefined {
  const said = claims[claim];
  const values: readonly unknown[] = Array.isArray(said) ? said : [said];
  const found = roles.find(({ value }) => values.includes(value));
  return found && { role: found.role, grants: found.grants };
}
