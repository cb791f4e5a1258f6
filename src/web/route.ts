import { keep, useKept } from "./data/kept.ts";

export {
  comparePath,
  evaluationPath,
  editorPath,
  letterPath,
  playPath,
  promptPath,
  rolloutPath,
  startPath,
  usagePath,
  versionPath,
} from "../domain/addresses/page-address.ts";

/** Where the page is: path and query. */
export const address = keep(location.pathname + location.search);

/** What the address says after `?`. */
export function useQuery(): URLSearchParams {
  return new URLSearchParams(useKept(address).split("?", 2)[1]);
}

/** Says something else in the address, where the page is; what is empty is left out. */
export function changeQuery(changes: Readonly<Record<string, string>>): void {
  const [path = "/", query] = address.get().split("?", 2);
  go(withQuery(path, { ...Object.fromEntries(new URLSearchParams(query)), ...changes }), "replace");
}

export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(query).filter(
    (one): one is [string, string] => !["", undefined].includes(one[1]),
  );
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said)}`;
}

/** Where whoever listens to the page is to be told where they are now: the heading of a screen that was gone to. */
let headingIsDue = false;
/** What had the focus at that step. */
let focusedThen: Element | null = null;

/**
 * True once after each step to another screen; the first page is announced by itself. A screen that comes late
 * does not take the focus from what its reader has gone on to meanwhile.
 */
export function takeDueHeading(): boolean {
  const was = headingIsDue;
  headingIsDue = false;
  return was && [focusedThen, document.body, null].includes(document.activeElement);
}

function arrived(): void {
  const [before] = address.get().split("?", 1);
  if (before !== location.pathname) {
    headingIsDue = true;
    focusedThen = document.activeElement;
  }
  address.set(location.pathname + location.search);
}

/** Goes to another address of the dashboard; `replace` leaves no step in the history, as for what is typed. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  arrived();
}

/** Links within the dashboard are followed without loading the page anew. */
export function followLinks(): void {
  addEventListener("popstate", arrived);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
    if (link.hash !== "" && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search);
    scrollTo(0, 0);
  });
}
