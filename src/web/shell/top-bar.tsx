import { useKept } from "../data/kept.ts";
import { forgetAll } from "../data/resource.ts";
import { type Me, signedIn, signOut } from "../data/session.ts";
import type { ScreenName } from "../../domain/addresses/page-address.ts";
import { Mark } from "../parts/icon.tsx";
import { applyTheme, theme, THEMES } from "./theme.ts";

const LINKS: readonly { readonly to: string; readonly name: string; readonly screens: readonly string[] }[] =
  [
    { to: "/", name: "Home", screens: ["home"] },
    { to: "/prompts", name: "Prompts", screens: ["prompts", "prompt", "version", "compare"] },
    { to: "/rollouts", name: "Rollouts", screens: ["rollouts", "rollout"] },
  ];

export function TopBar({ screen }: { readonly screen: ScreenName }) {
  const me = useKept(signedIn);
  return (
    <header class="top">
      <div class="top-row">
        <a class="brand" href="/">
          <Mark />
          Sluice
        </a>
        <nav aria-label="Main">
          {LINKS.map(({ to, name, screens }) => (
            <a key={to} href={to} {...(screens.includes(screen) && { "aria-current": "page" as const })}>
              {name}
            </a>
          ))}
        </nav>
        {me && <OwnMenu me={me} />}
      </div>
    </header>
  );
}

function OwnMenu({ me }: { readonly me: Me }) {
  const chosen = useKept(theme);
  return (
    <div class="own">
      <button type="button" class="quiet" popovertarget="own-menu">
        {me.owner}
        <span class="role">{me.role}</span>
      </button>
      <div id="own-menu" popover="auto" class="menu">
        <fieldset>
          <legend>Appearance</legend>
          {THEMES.map((one) => (
            <label key={one}>
              <input type="radio" name="theme" checked={one === chosen} onChange={() => applyTheme(one)} />
              {one === "auto" ? "As the system" : one === "light" ? "Light" : "Dark"}
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          onClick={() => {
            forgetAll();
            void signOut();
          }}
        >
          Sign out
        </button>
      </div>
    </div>
  );
}
