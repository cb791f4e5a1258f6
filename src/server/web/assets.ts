import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { unavailable } from "../../domain/errors.ts";
import type { Encoding } from "../requests/zipped.ts";

/** A file that pages load. */
export interface Asset {
  readonly body: Buffer;
  /** The same as it is sent, made when it is first asked for. */
  readonly zipped: (encoding: Encoding) => Buffer;
  readonly type: string;
}

/** The files of one build. Each name but the icon's holds a hash of what is in it. */
export interface Assets {
  readonly files: ReadonlyMap<string, Asset>;
  readonly script: string;
  /** What the script imports, and by screen the files that it takes beside. */
  readonly preloads: Preloads;
  readonly style: string;
  readonly icon: string;
  /** What computes beside a page. */
  readonly planner: string;
}

interface Preloads {
  readonly first: readonly string[];
  readonly screens: Readonly<Record<string, readonly string[]>>;
}

interface Built {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** The paths that it was built from. */
  readonly sources: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Of this checkout: one build for all servers of a process. */
let kept: (() => Promise<Assets>) | undefined;

/** In a release the files lie in `dist/web`; in a checkout they are built from `src/web`, and again when that changes. */
export function openAssets(): () => Promise<Assets> {
  const released = join(import.meta.dirname, "../../../web");
  if (!import.meta.url.endsWith(".ts")) {
    const assets = assetsOf(readBuilt(released));
    return () => Promise.resolve(assets);
  }
  return (kept ??= keepBuilt(fileURLToPath(new URL("../../..", import.meta.url))));
}

function keepBuilt(root: string): () => Promise<Assets> {
  let last: { readonly built: Built; readonly changed: string; readonly assets: Assets } | undefined;
  let building: Promise<Assets> | undefined;
  async function build(): Promise<Assets> {
    if (last && last.changed === changesOf(last.built)) return last.assets;
    const built = await bundle(root);
    last = { built, changed: changesOf(built), assets: assetsOf(built.files) };
    return last.assets;
  }
  return () => (building ??= build().finally(() => (building = undefined)));
}

/** The bundler is there where Sluice is developed; a checkout without it has been built, or has no pages. */
async function bundle(root: string): Promise<Built> {
  try {
    const module = (await import(join(root, "scripts", "bundle-web.mjs"))) as {
      bundleWeb: (root: string) => Promise<Built>;
    };
    return await module.bundleWeb(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const built = join(root, "dist", "web");
    if (existsSync(built)) return { files: readBuilt(built), sources: [] };
    throw unavailable(
      "the dashboard is not built: run node scripts/bundle-web.mjs with the development packages",
    );
  }
}

function changesOf({ sources }: Built): string {
  return sources.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0).join(" ");
}

function readBuilt(folder: string): Built["files"] {
  return readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

function zipper(body: Buffer): Asset["zipped"] {
  const made = new Map<Encoding, Buffer>();
  return (encoding) => {
    const known = made.get(encoding);
    if (known) return known;
    const zipped = encoding === "br" ? brotliCompressSync(body) : gzipSync(body, { level: 9 });
    made.set(encoding, zipped);
    return zipped;
  };
}

/** Of the build; it is not a file that anybody loads. */
const SCREENS = "screens.json";

function assetsOf(built: Built["files"]): Assets {
  const files = new Map<string, Asset>();
  let preloads: Preloads = { first: [], screens: {} };
  for (const { name, text } of built) {
    if (name === SCREENS) {
      preloads = JSON.parse(text) as Preloads;
      continue;
    }
    const body = Buffer.from(text);
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    files.set(name, { body, zipped: zipper(body), type });
  }
  const named = (beginning: string) => [...files.keys()].find((name) => name.startsWith(beginning)) ?? "";
  return {
    files,
    preloads,
    script: named("main-"),
    style: named("style-"),
    icon: named("icon-"),
    planner: named("planner-"),
  };
}
