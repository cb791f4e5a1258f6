import type { ListedVersion } from "../../../domain/shapes/versions.ts";
import { shownPlain } from "../../parts/hidden-characters.ts";
import type { Page } from "../../data/page.ts";
import { useResource } from "../../data/resource.ts";
import { VersionLink } from "../../parts/version-link.tsx";
import { addressOf, type StartPlace } from "./start-place.ts";
import { go } from "../../route.ts";

/** What is to be rolled out, and where. */
export function WhereFields({
  prompt,
  place,
  serves,
  labels,
}: {
  readonly prompt: string;
  readonly place: StartPlace;
  readonly serves: string | null | undefined;
  /** Under which the prompt is served, or could be. */
  readonly labels: readonly string[];
}) {
  const versions = useResource<Page<ListedVersion>>(
    `/v1/prompts/${encodeURIComponent(prompt)}/versions?limit=50`,
  );
  const known = versions.value?.items ?? [];
  const set = (change: Partial<StartPlace>) =>
    go(addressOf(location.pathname, { ...place, ...change }), "replace");
  return (
    <fieldset>
      <legend>What and where</legend>
      <div class="fields">
        <label>
          <span>Version</span>
          <select
            value={String(place.version)}
            onChange={({ currentTarget }) => set({ version: Number(currentTarget.value) })}
          >
            {!known.some(({ version }) => version === place.version) && (
              <option value={String(place.version)}>@{place.version}</option>
            )}
            {known.map(({ version, message }) => (
              <option key={version} value={String(version)}>
                @{version} {shownPlain(message)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Label</span>
          <select value={place.label} onChange={({ currentTarget }) => set({ label: currentTarget.value })}>
            {[...new Set([...labels, place.label])].map((label) => (
              <option key={label} value={label}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="note">
        {serves === undefined ? (
          " "
        ) : serves === null ? (
          `${place.label} serves nothing of it yet.`
        ) : (
          <>
            It would replace <VersionLink of={serves} />.
          </>
        )}
      </p>
      <details open={place.tenant !== null || place.model !== null}>
        <summary>For one tenant or model alone</summary>
        <div class="fields">
          <label>
            <span>Tenant</span>
            <input
              value={place.tenant ?? ""}
              onChange={({ currentTarget: { value } }) => set({ tenant: value.trim() || null })}
            />
          </label>
          <label>
            <span>Model</span>
            <input
              value={place.model ?? ""}
              placeholder="as services ask for it"
              onChange={({ currentTarget: { value } }) => set({ model: value.trim() || null })}
            />
          </label>
        </div>
      </details>
    </fieldset>
  );
}
