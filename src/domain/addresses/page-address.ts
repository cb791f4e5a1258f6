/** A screen of the dashboard, and what its address says. */
export type PageRoute =
  | { readonly screen: "home" }
  | { readonly screen: "sign-in" }
  | { readonly screen: "prompts" }
  | { readonly screen: "prompt"; readonly prompt: string }
  | { readonly screen: "version"; readonly prompt: string; readonly version: number }
  | { readonly screen: "compare"; readonly prompt: string; readonly from: number; readonly to: number }
  | { readonly screen: "editor"; readonly prompt: string }
  | { readonly screen: "playground"; readonly prompt: string }
  | { readonly screen: "rollouts" }
  | { readonly screen: "rollout"; readonly rollout: string }
  | { readonly screen: "usage"; readonly prompt: string }
  | { readonly screen: "evaluation"; readonly evaluation: string }
  | { readonly screen: "start"; readonly prompt: string }
  | { readonly screen: "audit" }
  | { readonly screen: "dead-letters" }
  | { readonly screen: "dead-letter"; readonly letter: string }
  | { readonly screen: "settings"; readonly part: SettingsPart }
  | { readonly screen: "nowhere" };

/** What settings there are, in the order of their pages. */
export const SETTINGS_PARTS = ["me", "keys", "roles", "labels", "trust", "about"] as const;
export type SettingsPart = (typeof SETTINGS_PARTS)[number];

export type ScreenName = PageRoute["screen"];

const NAME = "([a-z0-9][a-z0-9._/-]*)";
const NUMBER = "([1-9][0-9]{0,9})";
const COMPARE = new RegExp(`^/p/${NAME}@${NUMBER}\\.\\.@${NUMBER}$`);
const VERSION = new RegExp(`^/p/${NAME}@${NUMBER}$`);
const EDITOR = new RegExp(`^/p/${NAME}/~edit$`);
const PLAY = new RegExp(`^/p/${NAME}/~play$`);
const PROMPT = new RegExp(`^/p/${NAME}$`);
const USAGE = new RegExp(`^/p/${NAME}/~usage$`);
const START = new RegExp(`^/p/${NAME}/~rollout$`);
const ROLLOUT = /^\/rollouts\/([0-9a-f-]{36})$/;
const EVALUATION = /^\/evaluations\/([0-9a-f-]{36})$/;
const LETTER = /^\/dead-letters\/([0-9a-f-]{36})$/;

/** Addresses that say nothing more. */
const FIXED: Readonly<Record<string, PageRoute>> = {
  "/": { screen: "home" },
  "/sign-in": { screen: "sign-in" },
  "/prompts": { screen: "prompts" },
  "/rollouts": { screen: "rollouts" },
  "/audit": { screen: "audit" },
  "/dead-letters": { screen: "dead-letters" },
  "/settings": { screen: "settings", part: "me" },
  ...Object.fromEntries(
    SETTINGS_PARTS.map((part) => [`/settings/${part}`, { screen: "settings", part } as const]),
  ),
};

/** What is at a path of the dashboard. */
export function pageAt(path: string): PageRoute {
  const fixed = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined;
  if (fixed) return fixed;
  const compare = COMPARE.exec(path);
  if (compare) {
    const [, prompt = "", from, to] = compare;
    return { screen: "compare", prompt, from: Number(from), to: Number(to) };
  }
  const version = VERSION.exec(path);
  if (version) return { screen: "version", prompt: version[1] ?? "", version: Number(version[2]) };
  const edited = EDITOR.exec(path)?.[1];
  if (edited !== undefined) return { screen: "editor", prompt: edited };
  const played = PLAY.exec(path)?.[1];
  if (played !== undefined) return { screen: "playground", prompt: played };
  const prompt = PROMPT.exec(path)?.[1];
  if (prompt !== undefined) return { screen: "prompt", prompt };
  const usage = USAGE.exec(path)?.[1];
  if (usage !== undefined) return { screen: "usage", prompt: usage };
  const start = START.exec(path)?.[1];
  if (start !== undefined) return { screen: "start", prompt: start };
  const evaluation = EVALUATION.exec(path)?.[1];
  if (evaluation !== undefined) return { screen: "evaluation", evaluation };
  const letter = LETTER.exec(path)?.[1];
  if (letter !== undefined) return { screen: "dead-letter", letter };
  const rollout = ROLLOUT.exec(path)?.[1];
  return rollout === undefined ? { screen: "nowhere" } : { screen: "rollout", rollout };
}

export const promptPath = (prompt: string) => `/p/${prompt}`;
/** Of `support-reply@2`. */
export const versionPath = (reference: string) => `/p/${reference}`;
export const comparePath = (prompt: string, from: number, to: number) => `/p/${prompt}@${from}..@${to}`;
/** Where a prompt is written, or one that there will be: from one of its versions, or a draft that there is. */
export const editorPath = (prompt: string, on?: { readonly from: number } | { readonly draft: string }) => {
  const query = on === undefined ? "" : "from" in on ? `?from=${on.from}` : `?draft=${on.draft}`;
  return `/p/${prompt}/~edit${query}`;
};
/** Where a prompt is tried: versions and drafts of it, beside each other. */
export const playPath = (prompt: string, of: readonly (number | { readonly draft: string })[] = []) => {
  const columns = of.map((one) => (typeof one === "number" ? one : `draft.${one.draft}`));
  return `/p/${prompt}/~play${columns.length === 0 ? "" : `?of=${columns.join(",")}`}`;
};
export const rolloutPath = (rolloutId: string) => `/rollouts/${rolloutId}`;
export const usagePath = (prompt: string) => `/p/${prompt}/~usage`;
/** Where a rollout is started, or asked for: of the newest version unless it is said. */
export const startPath = (prompt: string, version?: number) =>
  `/p/${prompt}/~rollout${version === undefined ? "" : `?version=${version}`}`;
export const evaluationPath = (id: string) => `/evaluations/${id}`;
export const letterPath = (id: string) => `/dead-letters/${id}`;
