import type { Previewed } from "../../editing/preview.ts";
import { Section } from "../../parts/page.tsx";
import { dollars } from "../../parts/numbers.ts";
import { promptOf, VersionLink } from "../../parts/version-link.tsx";
import type { Checked } from "./use-checked.ts";

/** From which on it is said that more has to be worth it. */
const MUCH_LONGER = 0.1;

/** What its own text costs, beside what is live. */
export function Costs({
  preview,
  checked: { found, isCurrent },
}: {
  readonly preview: Previewed;
  readonly checked: Checked;
}) {
  const counted = isCurrent ? found?.cost : undefined;
  const tokens = counted?.tokens ?? (preview.ok ? preview.fixedTokens : undefined);
  if (tokens === undefined) return null;
  const price = counted?.perThousandCalls ?? null;
  const isExact = counted?.tokensExact ?? false;
  const live = found?.live;
  const more = live ? tokens - live.tokens : 0;
  const relative = live && live.tokens > 0 ? more / live.tokens : 0;
  return (
    <Section title="Costs">
      <p class="costs">
        <strong>
          {isExact ? "" : "≈ "}
          {tokens.toLocaleString("en")} tokens
        </strong>{" "}
        before any value
        {preview.ok && <>, ≈ {preview.tokens.toLocaleString("en")} with these</>}.
        {live && (
          <>
            {" "}
            {difference(more, relative)} <VersionLink of={live.version} />, which is live.
          </>
        )}
        {price !== null && <> {dollars(price)} per 1,000 calls.</>}
      </p>
      {relative > MUCH_LONGER && live && (
        <p class="costs-warning">
          More than 10 % longer than what is live of {promptOf(live.version)}. Ratings should be better for
          that.
        </p>
      )}
    </Section>
  );
}

function difference(more: number, relative: number): string {
  if (more === 0) return "As many as";
  const percent = relative === 0 ? "" : ` (${more > 0 ? "+" : "−"}${Math.abs(Math.round(relative * 100))} %)`;
  return `${Math.abs(more).toLocaleString("en")} ${more > 0 ? "more" : "fewer"}${percent} than`;
}
