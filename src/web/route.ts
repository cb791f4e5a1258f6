import { keep } from "./data/kept.ts";

/** A screen, and what its address says. */
export type Route =
  | { readonly screen: "home" }
  | { readonly screen: "sign-in" }
  | { readonly screen: "prompts" }
  | { readonly screen: "prompt"; readonly prompt: string }
  | { readonly screen: "version"; readonly prompt: string; readonly version: number }
  | { readonly screen: "compare"; readonly prompt: string; readonly from: number; readonly to: number }
  | { readonly screen: "rollouts" }
  | { readonly screen: "rollout"; readonly rollout: string }
  | { readonly screen: "nowhere" };

const NAME = "([a-z0-9][a-z0-9._/-]*)";
const NUMBER = "([1-9][0-9]{0,9})";
const COMPARE = new RegExp(`^/p/${NAME}@${NUMBER}\\.\\.@${NUMBER}$`);
const VERSION = new RegExp(`^/p/${NAME}@${NUMBER}$`);
const PROMPT = new RegExp(`^/p/${NAME}$`);
const ROLLOUT = /^\/rollouts\/([0-9a-f-]{36})$/;

/** What is at a path. */
export function routeOf(path: string): Route {
  if (path === "/") return { screen: "home" };
  if (path === "/sign-in") return { screen: "sign-in" };
  if (path === "/prompts") return { screen: "prompts" };
  if (path === "/rollouts") return { screen: "rollouts" };
  const compare = COMPARE.exec(path);
  if (compare) {
    const [, prompt = "", from, to] = compare;
    return { screen: "compare", prompt, from: Number(from), to: Number(to) };
  }
  const version = VERSION.exec(path);
  if (version) return { screen: "version", prompt: version[1] ?? "", version: Number(version[2]) };
  const prompt = PROMPT.exec(path)?.[1];
  if (prompt !== undefined) return { screen: "prompt", prompt };
  const rollout = ROLLOUT.exec(path)?.[1];
  return rollout === undefined ? { screen: "nowhere" } : { screen: "rollout", rollout };
}

export const promptPath = (prompt: string) => `/p/${prompt}`;
/** Of `support-reply@2`. */
export const versionPath = (reference: string) => `/p/${reference}`;
export const comparePath = (prompt: string, from: number, to: number) => `/p/${prompt}@${from}..@${to}`;
export const rolloutPath = (rolloutId: string) => `/rollouts/${rolloutId}`;

/** Where the page is: path and query. */
export const address = keep(location.pathname + location.search);

/** Goes to another address of the dashboard; `replace` leaves no step in the history, as for what is typed. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  address.set(location.pathname + location.search);
}

/** Links within the dashboard are followed without loading the page anew. */
export function followLinks(): void {
  addEventListener("popstate", () => address.set(location.pathname + location.search));
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
