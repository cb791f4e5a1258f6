/** The sign of the product. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="mark-ground" />
      <path d="M7 9h18M7 23h18M11 9v8M21 9v8" class="mark-lines" />
      <path d="M16 14v9" class="mark-flow" />
    </svg>
  );
}

const SHAPES = {
  done: "M4 8.5l2.6 2.6L12 5.4",
  harm: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  running: "M8 4v4l2.6 1.6",
  waiting: "M6 5v6M10 5v6",
  open: "M5 8h6",
  needs: "M8 4v5M8 11.6v.2",
} as const;
export type IconName = keyof typeof SHAPES;

/** A small round sign; what it means stands beside it in words. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <circle cx="8" cy="8" r="7.25" />
      <path d={SHAPES[name]} />
    </svg>
  );
}
