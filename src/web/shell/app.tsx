import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useKept } from "../data/kept.ts";
import { signedIn } from "../data/session.ts";
import { address, go, type Route, routeOf } from "../route.ts";
import { ComparePage } from "../screens/compare/compare-page.tsx";
import { HomePage } from "../screens/home/home-page.tsx";
import { PromptPage } from "../screens/prompt/prompt-page.tsx";
import { PromptsPage } from "../screens/prompts/prompts-page.tsx";
import { RolloutPage } from "../screens/rollout/rollout-page.tsx";
import { RolloutsPage } from "../screens/rollouts/rollouts-page.tsx";
import { SignInPage } from "../screens/sign-in/sign-in-page.tsx";
import { VersionPage } from "../screens/version/version-page.tsx";
import { AwayBar } from "./away-bar.tsx";
import { SessionDialog } from "./session-dialog.tsx";
import { TopBar } from "./top-bar.tsx";
import { Nowhere } from "../parts/page.tsx";

/** The whole page: bar, screen, and what may lie over it. */
export function App() {
  const me = useKept(signedIn);
  const at = useKept(address);
  const path = at.split("?", 1)[0] ?? "/";
  const route = routeOf(path);
  useFocusOnNavigation(path);
  const isIn = me !== undefined && me !== null && route.screen === "sign-in";
  useEffect(() => {
    if (isIn) go("/", "replace");
  }, [isIn]);
  if (me === undefined) return <Frame route={route}>{null}</Frame>;
  if (me === null || route.screen === "sign-in") return <SignInPage />;
  return (
    <Frame route={route}>
      <Screen key={path} route={route} />
      <SessionDialog />
    </Frame>
  );
}

function Frame({ route, children }: { readonly route: Route; readonly children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <TopBar screen={route.screen} />
      <AwayBar />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Screen({ route }: { readonly route: Route }) {
  switch (route.screen) {
    case "home":
      return <HomePage />;
    case "prompts":
      return <PromptsPage />;
    case "prompt":
      return <PromptPage prompt={route.prompt} />;
    case "version":
      return <VersionPage prompt={route.prompt} version={route.version} />;
    case "compare":
      return <ComparePage prompt={route.prompt} from={route.from} to={route.to} />;
    case "rollouts":
      return <RolloutsPage />;
    case "rollout":
      return <RolloutPage rollout={route.rollout} />;
    case "sign-in":
    case "nowhere":
      return <Nowhere />;
  }
}

/** Whoever listens to the page hears where they are now; the first page is announced by itself. */
function useFocusOnNavigation(path: string): void {
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [path]);
}
