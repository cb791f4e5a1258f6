import { useId } from "preact/hooks";

/** Goes through the looks of a picture, and says the one that is chosen. */
export function LookSlider({
  title,
  last,
  value,
  sentence,
  onChoose,
}: {
  readonly title: string;
  /** The first is 0. */
  readonly last: number;
  readonly value: number;
  readonly sentence: string;
  readonly onChoose: (value: number) => void;
}) {
  const id = useId();
  return (
    <>
      <label class="heard" htmlFor={id}>
        {title}: look
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={last}
        value={value}
        aria-valuetext={sentence}
        onInput={(event) => onChoose(event.currentTarget.valueAsNumber)}
      />
      <p class="note" aria-hidden="true">
        {sentence}
      </p>
    </>
  );
}
