import { render } from "preact";
import { beginSession } from "./data/session.ts";
import { followLinks } from "./route.ts";
import { App } from "./shell/app.tsx";
import { applyTheme } from "./shell/theme.ts";

applyTheme();
followLinks();
const place = document.getElementById("app");
if (place) render(<App />, place);
const { pathname, search } = location;
const link = pathname === "/sign-in" ? new URLSearchParams(search).get("once") : null;
// It is of no use any more, and nothing to leave in a history.
if (link !== null) history.replaceState(null, "", pathname);
// Where the server cannot be reached the page says so itself.
beginSession(link).catch(() => undefined);
