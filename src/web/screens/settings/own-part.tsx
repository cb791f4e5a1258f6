import type { Role } from "../../../domain/access/roles.ts";
import { ROLE_SAYS, sayGrants } from "../../../domain/plain/say-roles.ts";
import type { Grants } from "../../../domain/shapes/keys.ts";
import { useResource } from "../../data/resource.ts";
import { Loaded, Section } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";

interface Myself {
  readonly id: string;
  readonly kind: string;
  readonly session: boolean;
  readonly expiresAt: string | null;
  readonly name: string;
  readonly owner: string;
  readonly role: Role;
  readonly grants: Grants;
}

const KINDS: Readonly<Record<string, string>> = {
  key: "the key",
  person: "signing in at your issuer, as",
  workload: "a CI job's token, of",
  proxy: "the proxy in front of this server, as",
};

/** Who somebody is here, and what they may do. */
export function OwnPart() {
  const found = useResource<Myself>("/v1/me");
  return (
    <Section title="You">
      <Loaded from={found} lines={4}>
        {({ kind, name, owner, role, grants, expiresAt, id }) => (
          <div class="card">
            <dl class="facts in-two">
              <div>
                <dt>Name in the audit log</dt>
                <dd>{owner}</dd>
              </div>
              <div>
                <dt>Role</dt>
                <dd>
                  <strong>{role}</strong> <span class="note block">{ROLE_SAYS[role]}</span>
                </dd>
              </div>
              <div>
                <dt>Where</dt>
                <dd>{sayGrants(grants)}</dd>
              </div>
              <div>
                <dt>Known by</dt>
                <dd>
                  {KINDS[kind] ?? kind} {name} <code class="note block">{id}</code>
                </dd>
              </div>
              <div>
                <dt>Signed in until</dt>
                <dd>{expiresAt === null ? "you sign out" : <Time at={expiresAt} />}</dd>
              </div>
            </dl>
          </div>
        )}
      </Loaded>
    </Section>
  );
}
