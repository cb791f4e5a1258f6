import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import MiniSearch from "minisearch";
import { afterAll, describe, expect, it } from "vitest";
import { buildSite } from "../../scripts/site/build-site.ts";
import { PAGES, ROOT } from "../documentation/markdown.ts";

const scratch = mkdtempSync(join(tmpdir(), "sluice-site-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the website", () => {
  const to = join(scratch, "site");
  const built = buildSite(ROOT, to);

  it("has every page, and each link of it leads somewhere", () => {
    expect(built).toEqual({ pages: PAGES.length, dead: [] });
  });

  it("needs nothing from elsewhere: styles, scripts and pictures lie beside it", () => {
    const page = readFileSync(join(to, "docs", "reference", "policy.html"), "utf8");
    expect(
      [...page.matchAll(/ (?:src|href)="(https?:[^"]+)"/g)].filter(([tag]) => / src=/.test(tag)),
    ).toEqual([]);
    expect(page).toContain('<link rel="stylesheet" href="../../site.css">');
    expect(readFileSync(join(to, "site.css"), "utf8")).not.toMatch(/url\(|@import/);
  });

  it("finds a page by what it says, from what lies beside it", () => {
    const text = readFileSync(join(to, "sections.js"), "utf8");
    const sections = JSON.parse(text.slice("globalThis.SECTIONS = ".length, -2)) as { url: string }[];
    const index = new MiniSearch({ fields: ["heading", "text"], storeFields: ["url"] });
    index.addAll(sections);
    const hits = index.search("frozen flush", { combineWith: "AND" }).map(({ url }) => String(url));
    expect(hits).toContain("docs/guides/serverless.html");
  });
});

it("a link that leads nowhere is named, to a page, a part of one or a file, and so is one that leads out of the project", () => {
  const root = join(scratch, "project");
  mkdirSync(join(root, "docs"), { recursive: true });
  cpSync(join(ROOT, "LICENSE"), join(root, "LICENSE"));
  const links = [
    "gone.md",
    "README.md#here",
    "README.md#gone",
    "../LICENSE",
    "../gone.txt",
    "../../x",
    "../README.md",
  ];
  writeFileSync(join(root, "README.md"), "# Front\n");
  writeFileSync(
    join(root, "docs", "README.md"),
    `# Index\n\n## Here\n\n${links.map((to) => `[a](${to})`).join(" ")}\n`,
  );
  const { dead } = buildSite(root, join(scratch, "other"));
  expect(new Set(dead.filter((link) => link.startsWith("docs/")))).toEqual(
    new Set(
      ["gone.html", "README.html#gone", "../gone.txt", "../../x"].map((to) => `docs/README.html: ${to}`),
    ),
  );
});

it("takes the place of one that was made before, and of nothing else", () => {
  const root = join(scratch, "project");
  buildSite(root, join(scratch, "other"));
  expect(() => buildSite(root, root)).toThrow(/holds something else/);
  expect(readFileSync(join(root, "README.md"), "utf8")).toBe("# Front\n");
});
