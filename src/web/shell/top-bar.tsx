import { useEffect } from "preact/hooks";
import type { ScreenName } from "../../domain/addresses/page-address.ts";
import type { DeadLetterRow } from "../../domain/shapes/dead-letters.ts";
import { useKept } from "../data/kept.ts";
import type { Page } from "../data/page.ts";
import { useResource } from "../data/resource.ts";
import { changesMade } from "../data/send.ts";
import { type Me, signedIn } from "../data/session.ts";
import { Mark } from "../parts/icon.tsx";
import { address, useQuery, withQuery } from "../route.ts";
import { LabelFilter } from "./label-filter.tsx";
import { OwnMenu } from "./own-menu.tsx";
import { SearchButton } from "./search-button.tsx";

interface Place {
  readonly to: string;
  readonly name: string;
  readonly screens: readonly ScreenName[];
  /** It shows what is of one label, where one is chosen. */
  readonly ofLabel?: true;
}

const PLACES: readonly Place[] = [
  { to: "/", name: "Home", screens: ["home"], ofLabel: true },
  {
    to: "/prompts",
    name: "Prompts",
    screens: ["prompts", "prompt", "version", "compare", "editor", "start", "usage", "evaluation"],
    ofLabel: true,
  },
  { to: "/rollouts", name: "Rollouts", screens: ["rollouts", "rollout"], ofLabel: true },
  { to: "/audit", name: "Audit", screens: ["audit"], ofLabel: true },
  { to: "/dead-letters", name: "Dead letters", screens: ["dead-letters", "dead-letter"] },
];
/** Their lists are of one label, where one is chosen. */
const LISTS: readonly ScreenName[] = ["home", "prompts", "rollouts", "audit"];

export function TopBar({ screen }: { readonly screen: ScreenName }) {
  const me = useKept(signedIn);
  const label = useQuery().get("label") ?? "";
  return (
    <header class="top">
      <div class="top-row">
        <a class="brand" href="/">
          <Mark />
          Sluice
        </a>
        <nav aria-label="Main">
          {PLACES.map(({ to, name, screens, ofLabel }) => (
            <a
              key={to}
              href={withQuery(to, ofLabel ? { label } : {})}
              {...(screens.includes(screen) && { "aria-current": "page" as const })}
            >
              {name}
              {to === "/dead-letters" && me && <StuckCount me={me} />}
            </a>
          ))}
        </nav>
        {me && (
          <div class="own">
            {LISTS.includes(screen) && <LabelFilter label={label} />}
            <SearchButton />
            <OwnMenu me={me} />
          </div>
        )}
      </div>
    </header>
  );
}

/** How many dead letters are open, where there are any: as of the last step, or change, that was made here. */
function StuckCount({ me }: { readonly me: Me }) {
  const path = me.permissions.includes("read") ? "/v1/dead-letters" : undefined;
  const { value, reload } = useResource<Page<DeadLetterRow>>(path, address);
  useEffect(() => changesMade.follow(reload), [reload]);
  const many = value?.items.length ?? 0;
  if (many === 0) return null;
  return <span class="count">{many}</span>;
}
