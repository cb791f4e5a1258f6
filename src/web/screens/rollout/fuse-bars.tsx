import { titleOf } from "../../../domain/plain/names.ts";
import { sayFuse } from "../../../domain/plain/say-fuse.ts";
import type { FuseReading, RolloutSetting } from "../../../domain/rollout/reading.ts";
import { Icon } from "../../parts/icon.tsx";
import { WORD_OF_TONE } from "../../parts/tones.ts";

type Setting = Pick<RolloutSetting, "fuses" | "names">;

/** Each emergency stop: what the newest users of the new version have, as a bar, against the limit. */
export function FuseBars({ setting }: { readonly setting: Setting }) {
  if (setting.fuses.length === 0) return null;
  return (
    <ul class="fuses card" aria-label="Emergency stops">
      {setting.fuses.map((fuse) => (
        <FuseBar key={`${fuse.metric} ${fuse.above ?? ""}`} fuse={fuse} setting={setting} />
      ))}
    </ul>
  );
}

const LIMIT_AT = 70;
const WHOLE = 100;

function FuseBar({ fuse, setting }: { readonly fuse: FuseReading; readonly setting: Setting }) {
  const { word, text, tone } = sayFuse(fuse, setting);
  const limit = fuse.above ?? fuse.below ?? 0;
  // The limit stands at the same place in each, so that they are read at a glance.
  const length = limit > 0 ? ((fuse.now ?? 0) / limit) * LIMIT_AT : 0;
  return (
    <li class={tone}>
      <h3>
        {titleOf(fuse.metric, setting)} <span class="note">emergency stop</span>
      </h3>
      <svg viewBox={`0 0 ${WHOLE} 16`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="ground" y="4" width={WHOLE} height="8" />
        <rect class="now" y="4" width={Math.min(WHOLE, Math.max(0, length))} height="8" />
        <path d={`M${LIMIT_AT} 0V16`} />
      </svg>
      <p>
        {tone === "harm" && <Icon name="harm" />}
        <span class="heard">{WORD_OF_TONE[tone]}: </span>
        <strong>{word}</strong> {text}
      </p>
    </li>
  );
}
