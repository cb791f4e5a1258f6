import { grouped } from "../../../domain/text/counted.ts";
import type { VersionUsage } from "../../../domain/shapes/usage.ts";
import { MOST_LINES } from "./usage-lines.ts";

/** Which versions are drawn: as many as can be told apart. */
export function VersionChips({
  versions,
  shown,
  onChange,
}: {
  readonly versions: readonly VersionUsage[];
  readonly shown: readonly number[];
  readonly onChange: (shown: readonly number[]) => void;
}) {
  return (
    <fieldset class="version-chips">
      <legend class="heard">Versions that are shown, {MOST_LINES} at most</legend>
      {versions.map(({ version, executions, status }) => {
        const isShown = shown.includes(version);
        return (
          <label key={version} class={isShown ? `chip tag line-${shown.indexOf(version)}` : "chip tag"}>
            <input
              type="checkbox"
              checked={isShown}
              onChange={() =>
                onChange(
                  isShown ? shown.filter((one) => one !== version) : [...shown, version].slice(-MOST_LINES),
                )
              }
            />
            <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
              <path d="M0 4h24" />
            </svg>
            @{version}
            <span class="note">
              {status}, {grouped(executions)}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
