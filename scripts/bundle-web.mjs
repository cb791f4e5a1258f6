// node scripts/bundle-web.mjs: writes the dashboard's files into dist/web, for a checkout that will have no bundler.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** Says which files a screen takes beside the first script: a page asks for them at once. */
const SCREENS = "screens.json";

/**
 * Builds the dashboard's files from src/web: the script, its later parts, what computes beside a page, one style sheet and the icon. Gives each as
 * {name, text}, the names with a hash of the text (but that of `screens.json`), and the paths that they were made from.
 */
export async function bundleWeb(root) {
  const source = join(root, "src", "web");
  const script = await bundleScript(root, { main: join(source, "main.tsx") });
  // Apart, or pages would load in pieces what both of them need.
  const planner = await bundleScript(root, { planner: join(source, "planner", "planner-worker.ts") });
  const styles = join(source, "styles");
  const sheets = readdirSync(styles).toSorted();
  const style = dense(sheets.map((name) => readFileSync(join(styles, name), "utf8")).join("\n"));
  const icon = readFileSync(join(source, "icon.svg"), "utf8");
  return {
    files: [
      ...script.files,
      ...planner.files,
      { name: `style-${hashOf(style)}.css`, text: style },
      { name: `icon-${hashOf(icon)}.svg`, text: icon },
      { name: SCREENS, text: JSON.stringify(script.screens) },
    ],
    sources: [
      ...script.sources,
      ...planner.sources,
      styles,
      ...sheets.map((name) => join(styles, name)),
      join(source, "icon.svg"),
    ],
  };
}

/** A style sheet without comments and needless space; none of ours has either within quotes. */
function dense(css) {
  return css
    .replaceAll(/\/\*[^]*?\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{};,]) ?/g, "$1")
    .replaceAll(";}", "}")
    .trim();
}

/** What is in one file for all screens that have some of it: what all of them begin with, and what nearly all do then. */
const SHARED = [
  { name: "parts", test: /\/src\/(web\/(parts\/|data\/pages)|domain\/addresses\/)/, minShareCount: 2 },
  {
    name: "acts",
    test: /\/src\/(web\/(acts\/|data\/stream)|domain\/plain\/say-(tests|plan))/,
    minShareCount: 2,
  },
];

async function bundleScript(root, input) {
  const build = await rolldown({
    cwd: root,
    input,
    platform: "browser",
    resolve: {
      alias: {
        "@stdlib/assert-has-generator-support": join(root, "scripts", "has-generators.cjs"),
        "@codemirror/language": join(root, "scripts", "no-language.mjs"),
        "@lezer/common": join(root, "scripts", "no-language.mjs"),
      },
    },
    tsconfig: join(root, "src", "web", "tsconfig.json"),
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
  });
  try {
    const { output } = await build.generate({
      format: "esm",
      minify: true,
      entryFileNames: "[name]-[hash].js",
      chunkFileNames: "[name]-[hash].js",
      // Small things that nearly every screen has are one file, and not one for each set of screens that shares some:
      // of six connections to a server, each file takes one for a round trip.
      codeSplitting: { groups: SHARED },
    });
    return {
      screens: screensOf(root, output),
      files: output.map((file) => ({ name: file.fileName, text: file.code ?? String(file.source) })),
      sources: output
        .flatMap(({ moduleIds = [] }) => moduleIds)
        .filter((id) => id.startsWith(root) && !id.includes("node_modules")),
    };
  } finally {
    await build.close();
  }
}

/** What the first script imports, and by the name of its folder each screen's file with what it imports beside that. */
function screensOf(root, output) {
  const chunks = new Map(output.filter(({ type }) => type === "chunk").map((one) => [one.fileName, one]));
  const first = output.find(({ isEntry }) => isEntry);
  const known = withImports(first, chunks);
  const folder = join(root, "src", "web", "screens") + sep;
  const screens = {};
  for (const chunk of chunks.values()) {
    const { isDynamicEntry, facadeModuleId } = chunk;
    if (!isDynamicEntry || !facadeModuleId?.startsWith(folder)) continue;
    const [name] = facadeModuleId.slice(folder.length).split(sep);
    screens[name] = [...withImports(chunk, chunks)].filter((file) => !known.has(file));
  }
  known.delete(first.fileName);
  return { first: [...known], screens };
}

function withImports({ fileName, imports }, chunks, found = new Set()) {
  found.add(fileName);
  for (const name of imports) if (!found.has(name)) withImports(chunks.get(name), chunks, found);
  return found;
}

function hashOf(text) {
  return createHash("sha256").update(text).digest("base64url").slice(0, 8);
}

/** Writes the files into a folder, in place of what is there. */
export async function writeWeb(root, folder) {
  const { files } = await bundleWeb(root);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  await writeWeb(root, join(root, "dist", "web"));
}
