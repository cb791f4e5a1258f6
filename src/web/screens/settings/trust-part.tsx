import { useState } from "preact/hooks";
import { CI_PLATFORM_NAMES, CI_PLATFORMS, type CiPlatformName } from "../../../domain/access/ci-platforms.ts";
import { WORKLOAD_ROLES, type WorkloadRole } from "../../../domain/access/roles.ts";
import { ROLE_SAYS, sayGrants } from "../../../domain/plain/say-roles.ts";
import type { ListedTrustRule } from "../../../domain/shapes/trust-rules.ts";
import { ActDialog, quoted } from "../../acts/act-dialog.tsx";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { ask } from "../../data/send.ts";
import { Empty, Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { Administered } from "./administered.tsx";

/** Which CI jobs are let in without a key. */
export function TrustPart() {
  const found = useResource<Page<ListedTrustRule>>("/v1/trust-rules");
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<ListedTrustRule>();
  const close = () => {
    setAdding(false);
    setRemoved(undefined);
    found.reload();
  };
  const columns: readonly Column<ListedTrustRule>[] = [
    { head: "Rule", isName: true, cell: ({ name }) => name },
    {
      head: "Jobs",
      cell: ({ platform, match }) => (
        <>
          {platform}
          {Object.entries(match).map(([claim, value]) => (
            <code key={claim} class="note block">
              {claim} {value}
            </code>
          ))}
        </>
      ),
    },
    {
      head: "May",
      cell: ({ role, grants }) => (
        <>
          {role}
          <span class="note block">{sayGrants(grants)}</span>
        </>
      ),
    },
    {
      head: "Made",
      cell: ({ createdAt, createdBy }) => (
        <>
          <Time at={createdAt} />
          <span class="note block">by {createdBy}</span>
        </>
      ),
    },
    {
      head: "Change",
      align: "right",
      cell: (rule) => (
        <button type="button" class="small" onClick={() => setRemoved(rule)}>
          Remove…<span class="heard"> {rule.name}</span>
        </button>
      ),
    },
  ];
  return (
    <Section
      title="CI jobs"
      note="A job shows the token that its platform gives it; a rule says whose tokens are let in, and for what. No key is kept anywhere."
    >
      <Administered from={found}>
        {({ items }) => (
          <>
            <div class="toolbar">
              <span />
              <button type="button" class="primary" onClick={() => setAdding(true)}>
                New rule…
              </button>
            </div>
            {items.length === 0 ? (
              <Empty text="No CI job is let in without a key." />
            ) : (
              <Table caption="Trust rules" columns={columns} rows={items} keyOf={({ name }) => name} />
            )}
          </>
        )}
      </Administered>
      {isAdding && <NewRuleDialog onClose={close} />}
      {removed && (
        <ActDialog
          title={`Remove the rule ${removed.name}?`}
          act="Remove"
          tone="danger"
          reason="none"
          consequence={<p>Jobs that it has let in are refused within seconds.</p>}
          command={() => `sluice trust remove ${removed.name}`}
          onAct={async () => {
            await ask(`/v1/trust-rules/${removed.name}`, { method: "DELETE" });
            return <p>Removed.</p>;
          }}
          onClose={close}
        />
      )}
    </Section>
  );
}

function NewRuleDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState("");
  const [platform, setPlatform] = useState<CiPlatformName>("github");
  const [id, setId] = useState("");
  const [ref, setRef] = useState("");
  const [role, setRole] = useState<WorkloadRole>("editor");
  const { idClaim } = CI_PLATFORMS[platform];
  const match = { [idClaim]: id.trim(), ...(ref.trim() !== "" && { ref: ref.trim() }) };
  return (
    <ActDialog
      title="Which jobs are let in?"
      act="Let them in"
      reason="none"
      keep="Not now"
      consequence={
        <div class="fields">
          <label>
            <span>Name of the rule</span>
            <input
              value={name}
              placeholder="deploy"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <label>
            <span>Platform</span>
            <select
              value={platform}
              onChange={(event) => setPlatform(event.currentTarget.value as CiPlatformName)}
            >
              {CI_PLATFORM_NAMES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label>
            <span>
              Number of the {platform === "github" ? "repository" : "project"}{" "}
              <span class="note">
                (<code>{idClaim}</code>: a name may be given to another one later)
              </span>
            </span>
            <input value={id} inputMode="numeric" onInput={(event) => setId(event.currentTarget.value)} />
          </label>
          <label>
            <span>
              Branch or tag <span class="note">(any, when it is left out)</span>
            </span>
            <input
              value={ref}
              placeholder="refs/heads/main"
              onInput={(event) => setRef(event.currentTarget.value)}
            />
          </label>
          <label>
            <span>Role</span>
            <select value={role} onChange={(event) => setRole(event.currentTarget.value as WorkloadRole)}>
              {WORKLOAD_ROLES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
            <span class="note">{ROLE_SAYS[role]}</span>
          </label>
        </div>
      }
      command={() =>
        [
          `sluice trust add ${quoted(name || "NAME")} --platform ${platform} --id ${quoted(id || "ID")} --role ${role}`,
          ...(ref.trim() === "" ? [] : [`--match ${quoted(`ref=${ref.trim()}`)}`]),
        ].join(" ")
      }
      onAct={async () => {
        await ask("/v1/trust-rules", { method: "POST", body: { name: name.trim(), platform, match, role } });
        return <p>Jobs that fit are let in from now on.</p>;
      }}
      onClose={onClose}
    />
  );
}
