import type { ComponentType } from "preact";
import type { PageRoute, ScreenName } from "../domain/addresses/page-address.ts";

type Given<Name extends ScreenName> = Omit<Extract<PageRoute, { readonly screen: Name }>, "screen">;
type Loaders = { readonly [Name in ScreenName]: () => Promise<ComponentType<Given<Name>>> };

/** Each screen is a file of its own, which a browser loads when the screen is first looked at. */
export const SCREENS: Loaders = {
  home: async () => (await import("./screens/home/home-page.tsx")).HomePage,
  "sign-in": async () => (await import("./screens/sign-in/sign-in-page.tsx")).SignInPage,
  prompts: async () => (await import("./screens/prompts/prompts-page.tsx")).PromptsPage,
  prompt: async () => (await import("./screens/prompt/prompt-page.tsx")).PromptPage,
  version: async () => (await import("./screens/version/version-page.tsx")).VersionPage,
  compare: async () => (await import("./screens/compare/compare-page.tsx")).ComparePage,
  editor: async () => (await import("./screens/editor/editor-page.tsx")).EditorPage,
  playground: async () => (await import("./screens/playground/playground-page.tsx")).PlaygroundPage,
  rollouts: async () => (await import("./screens/rollouts/rollouts-page.tsx")).RolloutsPage,
  rollout: async () => (await import("./screens/rollout/rollout-page.tsx")).RolloutPage,
  usage: async () => (await import("./screens/usage/usage-page.tsx")).UsagePage,
  evaluation: async () => (await import("./screens/evaluation/evaluation-page.tsx")).EvaluationPage,
  start: async () => (await import("./screens/start/start-page.tsx")).StartPage,
  audit: async () => (await import("./screens/audit/audit-page.tsx")).AuditPage,
  "dead-letters": async () => (await import("./screens/dead-letters/dead-letters-page.tsx")).DeadLettersPage,
  "dead-letter": async () => (await import("./screens/dead-letter/dead-letter-page.tsx")).DeadLetterPage,
  settings: async () => (await import("./screens/settings/settings-page.tsx")).SettingsPage,
  nowhere: async () => (await import("./screens/nowhere/nowhere-page.tsx")).NowherePage,
};
