import { percent } from "../../../domain/text/percent.ts";
import { grouped } from "../../../domain/text/counted.ts";
import type { VersionUsage } from "../../../domain/shapes/usage.ts";
import { Section } from "../../parts/page.tsx";
import { type Column, Table } from "../../parts/table.tsx";

const RATING = /^(?:.*_)?(?:ratings?|stars)$/i;

/** What is less is said to be less. */
const LEAST = 0.001;

interface Row {
  readonly value: number;
  readonly shares: readonly (number | null)[];
}

/** The values that ratings have, the lowest first; none where there are many. */
export function ratingsOf(versions: readonly VersionUsage[]): number[] {
  const values = versions.flatMap(({ metrics }) =>
    metrics
      .filter(({ metric }) => RATING.test(metric))
      .flatMap(({ distribution }) => distribution?.map(({ value }) => value) ?? []),
  );
  return [...new Set(values)].toSorted((a, b) => a - b);
}

/** How ratings are spread, as shares, so that a version that was used more is not taller for it. */
export function Ratings({ versions }: { readonly versions: readonly VersionUsage[] }) {
  const rated = versions.flatMap(({ version, metrics }) => {
    const found = metrics.find(({ metric, distribution }) => RATING.test(metric) && distribution !== null);
    return found?.distribution ? [{ version, n: found.n, mean: found.mean, spread: found.distribution }] : [];
  });
  if (rated.length === 0) return null;
  const values = [...new Set(rated.flatMap(({ spread }) => spread.map(({ value }) => value)))];
  const rows: Row[] = values
    .toSorted((a, b) => b - a)
    .map((value) => ({
      value,
      shares: rated.map(({ n, spread }) => (spread.find((one) => one.value === value)?.n ?? 0) / n),
    }));
  const columns: readonly Column<Row>[] = [
    { head: "Rating", isName: true, cell: ({ value }) => value },
    ...rated.map(({ version }, index) => ({
      head: `@${version}`,
      cell: ({ shares }: Row) => <Bar share={shares[index] ?? 0} style={index} />,
    })),
  ];
  return (
    <Section
      title="Ratings"
      note={rated
        .map(({ version, n, mean }) => `@${version}: ${mean.toFixed(2)} on average, of ${grouped(n)}`)
        .join("; ")}
    >
      <Table
        caption="How ratings are spread"
        columns={columns}
        rows={rows}
        keyOf={({ value }) => String(value)}
      />
    </Section>
  );
}

function Bar({ share, style }: { readonly share: number; readonly style: number }) {
  return (
    <span class={`rating-bar line-${style}`}>
      <span>{share > 0 && share < LEAST ? `under ${percent(LEAST)}` : percent(share)}</span>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width={share * 100} height="8" rx="2" />
      </svg>
    </span>
  );
}
