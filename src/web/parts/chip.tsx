import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

/** `plain`: a state like any other; `tag`: no state at all, so it has no sign either. */
export type Tone = "calm" | "good" | "harm" | "needs" | "plain" | "tag";

const ICONS: Readonly<Record<Tone, IconName | undefined>> = {
  calm: "running",
  good: "done",
  harm: "harm",
  needs: "needs",
  // A ring, drawn by its style: lists have fifty of them.
  plain: undefined,
  tag: undefined,
};

/** A word with a sign: its colour alone says nothing. */
export function Chip({
  tone,
  icon = ICONS[tone],
  children,
}: {
  readonly tone: Tone;
  readonly icon?: IconName | undefined;
  readonly children: ComponentChildren;
}) {
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
  return (
    <Chip tone={TONES[state] ?? "plain"} {...(state === "paused" && { icon: "waiting" as const })}>
      {state.replaceAll("_", " ")}
    </Chip>
  );
}
