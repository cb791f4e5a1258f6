import { posix } from "node:path";
import Slugger from "github-slugger";
import { Marked } from "marked";

/** Where a visitor comes in: `index.html` on the site. */
export const FRONT = "README.md";

/** A part of a page under a heading, as the search finds it. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly text: string;
}

export interface RenderedPage {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
}

/** A page's Markdown as HTML. Headings have GitHub's ids, so that links to them hold in both places. */
export function renderPage(markdown: string, source: string): RenderedPage {
  const folder = posix.dirname(source);
  const slugger = new Slugger();
  const sections: { id: string; heading: string; text: string }[] = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const heading = this.parser.parseInline(tokens, this.parser.textRenderer);
        const id = slugger.slug(unescaped(heading));
        sections.push({ id, heading: unescaped(heading), text: "" });
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)} <a class="here" href="#${id}" aria-label="Link to this part">#</a></h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${attribute(siteTarget(href, folder))}">${this.parser.parseInline(tokens)}</a>`;
      },
    },
  });
  const pieces = marked.lexer(markdown).map((token) => {
    const html = marked.parser([token]);
    if (token.type !== "heading") sections.at(-1)!.text += ` ${textOf(html)}`;
    // A wide table scrolls by itself.
    return token.type === "table" ? `<div class="table" tabindex="0">${html}</div>` : html;
  });
  const [first] = sections;
  if (first === undefined) throw new Error("a page has no heading");
  return { title: first.heading, html: pieces.join(""), sections };
}

/** Where a link to a page's Markdown leads on the site; others as they are. `folder` is where the link stands. */
export function siteTarget(href: string, folder: string): string {
  if (/^[a-z]+:/.test(href)) return href;
  const [file, anchor] = href.split("#", 2) as [string, string?];
  const isFront = posix.join(folder, file) === FRONT;
  const target = isFront ? `${file.slice(0, -FRONT.length)}index.html` : file.replace(/\.md$/, ".html");
  return anchor === undefined ? target : `${target}#${anchor}`;
}

/** Every target in a page that is not elsewhere on the net, as written. */
export function localTargets(html: string): string[] {
  return [...html.matchAll(/ (?:href|src|srcset)="([^"]+)"/g)]
    .map(([, target]) => unescaped(target!))
    .filter((target) => !/^(?:[a-z]+:|\/\/)/.test(target));
}

/** From one file of the site to another. */
export function relativeTo(page: string, target: string): string {
  return posix.relative(posix.dirname(page), target);
}

export function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function textOf(html: string): string {
  return unescaped(html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ")).trim();
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
