import type { Wanted, WantedKind } from "../../../domain/shapes/overview.ts";
import type { ShownAlert } from "../../../domain/shapes/monitors.ts";
import { AlertActs } from "../usage/alert-acts.tsx";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { whatChanged } from "../../data/stream.ts";
import { Icon } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";
import { editorPath, letterPath, promptPath, rolloutPath, usagePath } from "../../route.ts";

const ACTS: Readonly<Record<WantedKind, string>> = {
  approval: "Look and decide",
  undecided: "Look and decide",
  alert: "Look at it",
  unattended: "Look at it",
  dead_letter: "Look at it",
  worse: "Look at it",
  drift: "Look at it",
  fleet_behind: "Look at it",
  tokens: "Look at it",
  draft: "Open the draft",
};

/** What somebody should see to, the most urgent first. */
export function NeedsYou({
  wanted,
  onChange,
}: {
  readonly wanted: readonly Wanted[];
  /** Something was seen to. */
  readonly onChange: () => void;
}) {
  const hasAlerts = wanted.some(({ alertId }) => alertId !== null);
  const alerts = useResource<Page<ShownAlert>>(hasAlerts ? "/v1/alerts" : undefined, whatChanged);
  if (wanted.length === 0)
    return (
      <p class="card quiet-line">
        <Icon name="done" /> Nothing needs you.
      </p>
    );
  return (
    <ul class="wanted">
      {wanted.map((one) => (
        <li
          key={`${one.kind} ${one.rolloutId ?? one.deadLetterId ?? one.draftId ?? one.alertId ?? one.prompt ?? ""} ${one.since}`}
          class="card"
        >
          <Icon name="needs" />
          <p>
            {one.text}{" "}
            <span class="note">
              <Time at={one.since} />
            </span>
          </p>
          <WayThere to={one} />
          <AlertActs
            alert={alerts.value?.items.find(({ id }) => id === one.alertId)}
            onDone={() => {
              alerts.reload();
              onChange();
            }}
          />
        </li>
      ))}
    </ul>
  );
}

function WayThere({ to }: { readonly to: Wanted }) {
  const path = pathOf(to);
  if (path === undefined) return null;
  return (
    <a class="button primary" href={path}>
      {ACTS[to.kind]}
    </a>
  );
}

function pathOf({ kind, rolloutId, prompt, deadLetterId, draftId }: Wanted): string | undefined {
  if (deadLetterId !== null) return letterPath(deadLetterId);
  if (rolloutId !== null) return rolloutPath(rolloutId);
  if (prompt === null) return undefined;
  if (draftId !== null) return editorPath(prompt, { draft: draftId });
  return kind === "tokens" || kind === "worse" ? usagePath(prompt) : promptPath(prompt);
}
