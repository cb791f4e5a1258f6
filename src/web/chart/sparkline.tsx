const [WIDTH, HEIGHT] = [56, 18];

/** How something went: a picture beside the number that is the fact. Days without a value are left open. */
export function Sparkline({ values }: { readonly values: readonly (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (known.length < 2) return <svg class="spark" width={WIDTH} height={HEIGHT} aria-hidden="true" />;
  const x = (at: number) => 2 + (at / (values.length - 1)) * (WIDTH - 4);
  const y = (value: number) =>
    most === least ? HEIGHT / 2 : HEIGHT - 3 - ((value - least) / (most - least)) * (HEIGHT - 6);
  const path = values
    .map((value, at) => {
      if (value === null) return "";
      return `${(values[at - 1] ?? null) === null ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join("");
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
