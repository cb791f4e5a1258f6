import { Marked, type Token, type Tokens } from "marked";
import { attribute, relativeTo, siteTarget, type RenderedPage } from "./render-page.ts";

/** Pages by the parts of the index, as the side of each page has them. */
export type Navigation = readonly {
  readonly heading: string;
  readonly links: readonly { readonly text: string; readonly target: string }[];
}[];

/** From the index's own headings and lists. `folder` is the index's, which its links are relative to. */
export function readNavigation(index: string, folder: string): Navigation {
  const parts: { heading: string; links: { text: string; target: string }[] }[] = [];
  for (const token of new Marked().lexer(index)) {
    if (token.type === "heading" && token.depth === 2)
      parts.push({ heading: (token as Tokens.Heading).text, links: [] });
    else if (token.type === "list") parts.at(-1)!.links.push(...linksOf(token as Tokens.List, folder));
  }
  return parts;
}

/** The first link of each item; the rest is about it. */
function linksOf(list: Tokens.List, folder: string) {
  return list.items.flatMap((item) => {
    const link = find(item.tokens, "link") as Tokens.Link | undefined;
    return link
      ? [
          {
            text: link.text,
            target: new URL(siteTarget(link.href, folder), `http://x/${folder}`).href.slice(9),
          },
        ]
      : [];
  });
}

function find(tokens: readonly Token[], type: string): Token | undefined {
  for (const token of tokens) {
    if (token.type === type) return token;
    const inner = "tokens" in token && token.tokens ? find(token.tokens, type) : undefined;
    if (inner) return inner;
  }
  return undefined;
}

/** A whole page, which needs no network: style, script and what is searched lie beside it. */
export function layOut(
  path: string,
  { title, html, sections }: RenderedPage,
  navigation: Navigation,
): string {
  const to = (target: string) => attribute(relativeTo(path, target) || path.split("/").at(-1)!);
  const side = navigation.map(
    ({ heading, links }) =>
      `<h2>${heading}</h2><ul>${links
        .map(({ text, target }) => {
          const here = target === path ? ' aria-current="page"' : "";
          return `<li><a href="${to(target)}"${here}>${text.replaceAll("`", "")}</a></li>`;
        })
        .join("")}</ul>`,
  );
  const parts = sections
    .slice(1, 40)
    .map(({ id, heading }) => `<li><a href="#${id}">${attribute(heading)}</a></li>`);
  return `<!doctype html>
<html lang="en" data-root="${attribute(relativeTo(path, "."))}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(title)}${path === "index.html" ? "" : " · Sluice"}</title>
<link rel="stylesheet" href="${to("site.css")}">
</head>
<body>
<a class="skip" href="#content">To the text</a>
<header>
<a class="name" href="${to("index.html")}">Sluice</a>
<a href="${to("docs/README.html")}">All pages</a>
<search><input type="search" id="search" placeholder="Search" aria-label="Search all pages" aria-controls="found" autocomplete="off" spellcheck="false"><ol id="found" hidden></ol></search>
</header>
<div class="columns">
<nav aria-label="Pages"><details open><summary>Pages</summary>${side.join("\n")}</details></nav>
<main id="content">
${html}
</main>
<aside aria-label="On this page">${parts.length > 2 ? `<h2>On this page</h2><ul>${parts.join("")}</ul>` : ""}</aside>
</div>
<script src="${to("minisearch.js")}" defer></script>
<script src="${to("sections.js")}" defer></script>
<script src="${to("site.js")}" defer></script>
</body>
</html>
`;
}
