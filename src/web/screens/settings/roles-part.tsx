import { PERMISSIONS, type Permission, roleMay } from "../../../domain/access/permissions.ts";
import { type Role, ROLES } from "../../../domain/access/roles.ts";
import { ROLE_SAYS } from "../../../domain/plain/say-roles.ts";
import { Icon } from "../../parts/icon.tsx";
import { Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";

const WORDS: Readonly<Record<Permission, string>> = {
  read: "look at everything",
  serve: "be served prompts",
  record: "record what came of them",
  author: "write versions and test them",
  release: "roll out on labels that are not protected; pause, stop and roll back everywhere",
  release_protected: "roll out on protected labels; close dead letters",
  force: "move what is served without evidence",
  administer: "make keys, protect labels, let CI jobs in",
};

const COLUMNS: readonly Column<Permission>[] = [
  { head: "May", isName: true, cell: (permission) => WORDS[permission] },
  ...ROLES.map((role): Column<Permission> => ({
    head: role,
    cell: (permission) => <May role={role} permission={permission} />,
  })),
];

/** What each role may do. Which role somebody has is said by their key, or by the issuer that they sign in at. */
export function RolesPart() {
  return (
    <Section
      title="Roles"
      note="Which one somebody has is said by their key, or, where people sign in at an issuer, by the server's file of roles."
    >
      <ul class="facts card">
        {ROLES.map((role) => (
          <li key={role}>
            <strong>{role}</strong> {ROLE_SAYS[role]}
          </li>
        ))}
      </ul>
      <div class="after-table">
        <Table
          caption="What each role may do"
          columns={COLUMNS}
          rows={PERMISSIONS}
          keyOf={(permission) => permission}
        />
      </div>
    </Section>
  );
}

function May({ role, permission }: { readonly role: Role; readonly permission: Permission }) {
  return roleMay(role, permission) ? (
    <span class="may">
      <Icon name="done" /> yes
    </span>
  ) : (
    <span class="note">no</span>
  );
}
