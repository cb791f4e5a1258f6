import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import { layOut, readNavigation } from "./lay-out.ts";
import { FRONT, localTargets, type RenderedPage, renderPage } from "./render-page.ts";

const HERE = import.meta.dirname;
const INDEX = "docs/README.md";

export interface BuiltSite {
  readonly pages: number;
  /** `docs/concepts.html: reference/gone.html`; empty when every link leads somewhere. */
  readonly dead: readonly string[];
}

/**
 * Writes the pages for people below `root` as a website: one HTML file a page, with a search that needs no network and
 * works from a folder. An earlier one in `to` is removed first; a folder that holds something else is refused. Files that pages link to are copied beside them.
 */
export function buildSite(root: string, to: string): BuiltSite {
  const sources = globSync(["*.md", "docs/**/*.md", "examples/**/*.md"], { cwd: root }).map((page) =>
    page.replaceAll("\\", "/"),
  );
  const pages = new Map(
    sources
      .toSorted()
      .map(
        (source) => [targetOf(source), renderPage(readFileSync(join(root, source), "utf8"), source)] as const,
      ),
  );
  const navigation = readNavigation(
    readFileSync(join(root, INDEX), "utf8"),
    posix.dirname(INDEX).concat("/"),
  );
  if (existsSync(to) && readdirSync(to).length > 0 && !existsSync(join(to, "sections.js")))
    throw new Error(`${to} holds something else than a website made by this; name an empty folder`);
  rmSync(to, { recursive: true, force: true });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
  };
  const dead: string[] = [];
  for (const [path, page] of pages) {
    const whole = layOut(path, page, navigation);
    write(path, whole);
    for (const target of localTargets(whole)) {
      const [file, anchor] = target.split("#", 2) as [string, string?];
      const found = file === "" ? path : posix.normalize(posix.join(posix.dirname(path), file));
      if (!leads(pages, root, to, found, anchor)) dead.push(`${path}: ${target}`);
    }
  }
  for (const own of ["site.css", "site.js"]) copyFileSync(join(HERE, own), join(to, own));
  const library = join(HERE, "..", "..", "node_modules", "minisearch", "dist", "umd", "index.js");
  write("minisearch.js", readFileSync(library, "utf8").replace(/\n\/\/# sourceMappingURL=.*/, ""));
  write("sections.js", `globalThis.SECTIONS = ${JSON.stringify(sectionsOf(pages))};\n`);
  return { pages: pages.size, dead };
}

const OWN = new Set(["site.css", "site.js", "minisearch.js", "sections.js"]);

/** Whether a target is there; a file of the project that is no page is brought along. */
function leads(
  pages: ReadonlyMap<string, RenderedPage>,
  root: string,
  to: string,
  target: string,
  anchor: string | undefined,
): boolean {
  const page = pages.get(target);
  if (page)
    return anchor === undefined || anchor === "content" || page.sections.some(({ id }) => id === anchor);
  if (OWN.has(target)) return true;
  const source = join(root, target);
  if (target.startsWith("..") || !existsSync(source) || !statSync(source).isFile()) return false;
  mkdirSync(dirname(join(to, target)), { recursive: true });
  cpSync(source, join(to, target));
  return true;
}

function targetOf(source: string): string {
  return source === FRONT ? "index.html" : source.replace(/\.md$/, ".html");
}

function sectionsOf(pages: ReadonlyMap<string, RenderedPage>) {
  return [...pages].flatMap(([path, { title, sections }]) =>
    sections.map(({ id, heading, text }, at) => ({
      id: `${path}#${id}`,
      url: at === 0 ? path : `${path}#${id}`,
      title,
      heading,
      text: text.trim(),
    })),
  );
}
