import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "calm" | "good" | "harm" | "needs" | "plain";

const ICONS: Readonly<Record<Tone, IconName | undefined>> = {
  calm: "running",
  good: "done",
  harm: "harm",
  needs: "needs",
  plain: undefined,
};

/** A word with a sign: its colour alone says nothing. */
export function Chip({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  const icon = ICONS[tone];
  return (
    <span class={`chip ${tone}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

const TONES: Readonly<Record<string, Tone>> = {
  promoted: "good",
  live: "good",
  rolled_back: "harm",
  rejected: "harm",
  failed: "harm",
  canary: "calm",
  watching: "calm",
  testing: "calm",
  evaluating: "calm",
  validating: "calm",
  promoting: "calm",
  rolling_back: "calm",
  awaiting_approval: "needs",
};

/** The command line's word for a state: of a rollout, or of a version. */
export function StateChip({ state }: { readonly state: string }) {
  return <Chip tone={TONES[state] ?? "plain"}>{state.replaceAll("_", " ")}</Chip>;
}
