import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useKept } from "../data/kept.ts";
import { signedIn } from "../data/session.ts";
import { type PageRoute, pageAt } from "../../domain/addresses/page-address.ts";
import { address, go } from "../route.ts";
import { AwayBar } from "./away-bar.tsx";
import { Screen } from "./screen.tsx";
import { SessionDialog } from "./session-dialog.tsx";
import { TopBar } from "./top-bar.tsx";

/** The whole page: bar, screen, and what may lie over it. */
export function App() {
  const me = useKept(signedIn);
  const at = useKept(address);
  const path = at.split("?", 1)[0] ?? "/";
  const route = pageAt(path);
  const isIn = me !== undefined && me !== null && route.screen === "sign-in";
  useEffect(() => {
    if (isIn) go("/", "replace");
  }, [isIn]);
  if (me === undefined) return <Frame route={route}>{null}</Frame>;
  if (me === null || route.screen === "sign-in") return <Screen route={{ screen: "sign-in" }} />;
  return (
    <Frame route={route}>
      <Screen key={path} route={route} />
      <SessionDialog />
    </Frame>
  );
}

function Frame({ route, children }: { readonly route: PageRoute; readonly children: ComponentChildren }) {
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
