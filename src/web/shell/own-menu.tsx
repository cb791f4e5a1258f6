import { useKept } from "../data/kept.ts";
import { forgetAll } from "../data/resource.ts";
import { type Me, signOut } from "../data/session.ts";
import { applyTheme, theme, THEMES } from "./theme.ts";

/** Under somebody's own name: what is theirs to set. */
export function OwnMenu({ me }: { readonly me: Me }) {
  const chosen = useKept(theme);
  const close = () => document.getElementById("own-menu")?.hidePopover();
  return (
    <>
      <button type="button" class="quiet" popovertarget="own-menu">
        <span class="own-name">{me.owner}</span>
        <span class="role">{me.role}</span>
      </button>
      <div id="own-menu" popover="auto" class="menu">
        <a href="/settings" onClick={close}>
          Settings
        </a>
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
    </>
  );
}
