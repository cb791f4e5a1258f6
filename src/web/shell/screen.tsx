import { type ComponentType, createElement } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageRoute, ScreenName } from "../../domain/addresses/page-address.ts";
import { ask, awaySince } from "../data/send.ts";
import { Skeleton } from "../parts/page.tsx";
import { SCREENS } from "../screens.ts";

type Page = ComponentType<Omit<PageRoute, "screen">>;

/** Those that were loaded: going back to one shows it at once. */
const loaded = new Map<ScreenName, Page>();

/** The screen at an address, as soon as its file is there. */
export function Screen({ route: { screen, ...given } }: { readonly route: PageRoute }) {
  const [, setLoaded] = useState<ScreenName>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    if (loaded.has(screen)) return undefined;
    let isWanted = true;
    (SCREENS[screen] as () => Promise<Page>)().then(
      (page) => {
        loaded.set(screen, page);
        if (isWanted) setLoaded(screen);
      },
      () => {
        if (isWanted) setFailed(true);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [screen]);
  const page = loaded.get(screen);
  if (page) return createElement(page, given);
  return hasFailed ? <NotLoaded /> : <Skeleton lines={10} />;
}

/** Without a connection, or after the server was given another release: what is asked for anew is of that. */
function NotLoaded() {
  useEffect(() => {
    const stop = awaySince.follow((since) => {
      if (since === undefined) location.reload();
    });
    // Says so in the bar where the server is away.
    void ask("/healthz").catch(() => undefined);
    return stop;
  }, []);
  return (
    <div class="failed" role="alert">
      <p>This page could not be loaded.</p>
      <button type="button" onClick={() => location.reload()}>
        Try again
      </button>
    </div>
  );
}
