import type { Wanted, WantedKind } from "../../../domain/shapes/overview.ts";
import { Icon } from "../../parts/icon.tsx";
import { Time } from "../../parts/time.tsx";
import { letterPath, promptPath, rolloutPath, usagePath } from "../../route.ts";

const ACTS: Readonly<Record<WantedKind, string>> = {
  approval: "Look and decide",
  undecided: "Look and decide",
  alert: "Look at it",
  unattended: "Look at it",
  dead_letter: "Look at it",
  drift: "Look at it",
  fleet_behind: "Look at it",
  tokens: "Look at it",
};

/** What somebody should see to, the most urgent first. */
export function NeedsYou({ wanted }: { readonly wanted: readonly Wanted[] }) {
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
          key={`${one.kind} ${one.rolloutId ?? one.deadLetterId ?? one.prompt ?? ""} ${one.since}`}
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
        </li>
      ))}
    </ul>
  );
}

function WayThere({ to: { kind, rolloutId, prompt, deadLetterId } }: { readonly to: Wanted }) {
  const path =
    kind === "dead_letter" && deadLetterId !== null
      ? letterPath(deadLetterId)
      : rolloutId !== null
        ? rolloutPath(rolloutId)
        : prompt !== null
          ? kind === "tokens"
            ? usagePath(prompt)
            : promptPath(prompt)
          : undefined;
  if (path === undefined) return null;
  return (
    <a class="button primary" href={path}>
      {ACTS[kind]}
    </a>
  );
}
