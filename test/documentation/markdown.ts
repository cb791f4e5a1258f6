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

/** The blocks of a page, or of what stands under one of its headings. */
export function codeBlocks(page: string, heading?: string): CodeBlock[] {
  const whole = readPage(page);
  const text = heading === undefined ? whole : whole.split(`\n## ${heading}\n`)[1]!.split(/^## /m)[0]!;
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
    page,
    language: language!,
    file: /^(?:#|\/\/) file: (\S+)$/m.exec(code!)?.[1],
    text: code!,
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
