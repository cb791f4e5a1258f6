interface BarsProps {
  readonly at: readonly number[];
  readonly lines: readonly {
    readonly name: string;
    readonly style: number;
    readonly values: readonly (number | null)[];
    readonly isPale?: boolean;
  }[];
  readonly say: (value: number) => string;
  readonly time: (at: number) => string;
}

/** Of one moment alone there is no line: a bar for each of what would be one. */
export function Bars({ at, lines, say, time }: BarsProps) {
  const longest = Math.max(...lines.map(({ values: [value] }) => Math.abs(value ?? 0))) || 1;
  return (
    <>
      <ul class="bars" aria-hidden="true">
        {lines.map(({ name, style, values: [value], isPale }) =>
          value === undefined || value === null ? null : (
            <li key={`${name} ${isPale === true}`} class={`line-${style}${isPale ? " pale" : ""}`}>
              <span>{name}</span>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none">
                <rect width={(Math.abs(value) / longest) * 100} height="10" rx="1" />
              </svg>
              <span>{say(value)}</span>
            </li>
          ),
        )}
      </ul>
      <p class="note">{time(at[0] ?? 0)}</p>
    </>
  );
}
