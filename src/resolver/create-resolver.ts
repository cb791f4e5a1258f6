import { fileURLToPath } from "node:url";
import { invalidInput } from "../domain/errors.ts";
import { shown } from "../domain/text/visible.ts";
import type { ResolverOptions } from "./options.ts";
import type { Resolver } from "./resolver.ts";
import type { Source } from "./sources/source.ts";

/**
 * Makes a resolver, and waits until what it preloads is in memory, or for `preloadTimeoutMs`. A store that
 * is unreachable is no error: it serves what it can and keeps trying. Options that cannot be are `invalid_input`.
 */
export async function createResolver(options: ResolverOptions): Promise<Resolver> {
  const source = await openSource(options.source);
  let resolver: Resolver;
  try {
    // Imported here, and templates with it, so that importing this library costs next to nothing.
    const { startResolver } = await import("./start-resolver.ts");
    resolver = await startResolver(options, source);
  } catch (error) {
    await source.close();
    throw error;
  }
  await resolver.preload(options.preload ?? []);
  return resolver;
}

/** Each kind is imported when it is asked for, so that a service loads only what it uses. */
async function openSource(source: ResolverOptions["source"]): Promise<Source> {
  if (typeof source === "object" && source !== null) return source;
  if (typeof source !== "string" || source === "")
    throw invalidInput(
      "a resolver needs a source: postgres://… (such as DATABASE_URL), http(s)://… of a Sluice server, file:… of a bundle, or a Source",
    );
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(source)?.[1]?.toLowerCase();
  if (scheme === "postgres" || scheme === "postgresql") {
    const { PostgresSource } = await import("./sources/postgres.ts");
    return new PostgresSource(source);
  }
  if (scheme === "http" || scheme === "https") {
    const { HttpSource } = await import("./sources/http.ts");
    return new HttpSource(source);
  }
  if (scheme === "file") {
    const { FileSource } = await import("./sources/file.ts");
    return FileSource.open(filePath(source));
  }
  // What somebody took for an address may be a key: no more than its scheme is repeated.
  const form = scheme === undefined ? "without a scheme" : `of the form ${shown(`${scheme}:`)}`;
  throw invalidInput(`a source ${form} is not known: use postgres://…, https://… or file:prompts.json`, {
    scheme,
  });
}

/** `file:prompts.json`, from the current folder, or `file:///app/prompts.json`. */
function filePath(source: string): string {
  return source.startsWith("file://") ? fileURLToPath(source) : source.slice("file:".length);
}
