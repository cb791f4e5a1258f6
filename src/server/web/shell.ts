import type { ScreenName } from "../../domain/addresses/page-address.ts";
import type { Assets } from "./assets.ts";

const escaped = (path: string) => path.replaceAll("&", "&amp;").replaceAll('"', "%22");

/** The page that every address of the dashboard begins as. It holds nothing of anybody: what is seen comes from `/v1`, and `data` of it is asked for at once. */
export function shellPage(
  { script, style, icon, preloads, planner }: Omit<Assets, "files">,
  screen: ScreenName,
  data: readonly string[],
): string {
  const modules = [script, ...preloads.first, ...(preloads.screens[screen] ?? [])];
  return `<!doctype html>
<html lang="en" data-planner="/assets/${planner}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sluice</title>
<link rel="icon" href="/assets/${icon}" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${style}">
${modules.map((name) => `<link rel="modulepreload" href="/assets/${name}">`).join("\n")}
${data.map((path) => `<link rel="preload" as="fetch" crossorigin href="${escaped(path)}">`).join("\n")}
<script type="module" src="/assets/${script}"></script>
</head>
<body>
<div id="app"></div>
<noscript><p class="no-script">Sluice's pages need JavaScript. Everything here is also in the command line: <code>sluice --help</code></p></noscript>
</body>
</html>
`;
}
