import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";
import { type Tone, WORD_OF_TONE } from "./tones.ts";

const ICONS: Readonly<Record<Tone, IconName>> = {
  calm: "running",
  good: "done",
  harm: "harm",
  wait: "needs",
};

/** What has become of something, in a word and a sentence, before everything else; beside it what can be done. */
export function Verdict({
  tone,
  word,
  chip,
  acts,
  children,
}: {
  readonly tone: Tone;
  readonly word: string;
  readonly chip?: ComponentChildren;
  readonly acts?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`verdict ${tone}`}>
      <Icon name={ICONS[tone]} />
      <div class="verdict-said" role="status">
        <p class="headline">
          <span class="heard">{WORD_OF_TONE[tone]}: </span>
          {word} {chip}
        </p>
        {children}
      </div>
      {acts}
    </div>
  );
}
