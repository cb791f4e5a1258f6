import { globSync, readFileSync } from "node:fs";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../..");

/** The project's pages for people, as paths from its root. */
export const PAGES: readonly string[] = globSync(["*.md", "docs/**/*.md", "examples/**/*.md"], { cwd: ROOT })
  .map((page) => page.replaceAll("\\", "/"))
  .toSorted();

export function readPage(page: string): string {
  return readFileSync(path.join(ROOT, page), "utf8");
}

export interface CodeBlock {
  readonly page: string;
  readonly language: string;
  /** What a first line `# file: NAME`, or `// file: NAME`, says the block is. */
  readonly file: string | undefined;
  readonly text: string;
}

export function codeBlocks(page: string): CodeBlock[] {
  return [...readPage(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    page,
    language: language!,
    file: /^(?:#|\/\/) file: (\S+)$/m.exec(text!)?.[1],
    text: text!,
  }));
}

/** Link targets, code blocks left out. */
export function links(page: string): string[] {
  const prose = readPage(page).replaceAll(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

/** The anchors that a page's headings make. */
export function anchors(page: string): Set<string> {
  const headings = readPage(page).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/g, "-"),
    ),
  );
}
