import { keep } from "../data/kept.ts";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT_AS = "sluice.theme";

function readTheme(): Theme {
  const kept = localStorage.getItem(KEPT_AS);
  return THEMES.find((theme) => theme === kept) ?? "auto";
}

export const theme = keep<Theme>(readTheme());

/** The style sheet knows both; this says which, where the reader has chosen. */
export function applyTheme(chosen?: Theme): void {
  if (chosen !== undefined) {
    theme.set(chosen);
    localStorage.setItem(KEPT_AS, chosen);
  }
  document.documentElement.dataset["theme"] = theme.get();
}
