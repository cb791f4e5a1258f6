import { invalidInput } from "../../domain/errors.ts";
import { shown } from "../../domain/text/visible.ts";

/** Where a bundle is written: a file, a key of a Redis, or parameters of AWS Systems Manager. */
export type BundleAddress =
  | { readonly kind: "file"; readonly place: string; readonly path: string }
  | { readonly kind: "redis"; readonly place: string; readonly url: string; readonly key: string }
  | {
      readonly kind: "ssm";
      readonly place: string;
      readonly path: string;
      readonly region: string | undefined;
    };

/** One that workers keep up: what of the store is written there. */
export interface KeptBundle {
  readonly address: BundleAddress;
  readonly label: string;
  /** How the prompts' names begin; "" for all of them. */
  readonly prefix: string;
}

const USUAL_KEY = "sluice:bundle";

/**
 * Reads an address: `prompts.json`, `file:/srv/prompts.json`, `redis://host:6379/0?key=prompts`, `rediss://…`, or
 * `ssm:/acme/prompts?region=eu-central-1`. `place` has no secret of it. `invalid_input` where it is none of them.
 */
export function readBundleAddress(text: string): BundleAddress {
  return read(text, []).address;
}

/** Reads addresses with a space between them, each with `label` and `prefix` beside its own parameters. */
export function readKeptBundles(text: string, label: string): KeptBundle[] {
  const kept = text
    .split(/\s+/)
    .filter(Boolean)
    .map((one) => {
      const { address, more } = read(one, ["label", "prefix"]);
      if (address.kind === "file" && !address.path.startsWith("/"))
        throw invalidInput(
          `SLUICE_BUNDLES: ${shown(one)}: name a file by its whole path: file:/srv/prompts.json`,
        );
      return { address, label: more.get("label") ?? label, prefix: more.get("prefix") ?? "" };
    });
  const twice = kept.find(
    ({ address }, i) => kept.findIndex((one) => one.address.place === address.place) < i,
  );
  if (twice) throw invalidInput(`SLUICE_BUNDLES: ${twice.address.place} is there twice`);
  return kept;
}

function read(
  text: string,
  others: readonly string[],
): { readonly address: BundleAddress; readonly more: ReadonlyMap<string, string> } {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { address: { kind: "file", place: text, path: text }, more: new Map() };
  const [before = "", query = ""] = split(text);
  const given = new Map(new URLSearchParams(query));
  const take = (names: readonly string[]) => {
    const unknown = [...given.keys()].find((name) => ![...names, ...others].includes(name));
    if (unknown !== undefined)
      throw invalidInput(
        `a bundle's address of the form ${scheme}: takes ${[...names, ...others].join(", ") || "no parameters"}, not ${shown(unknown)}`,
      );
  };
  switch (scheme) {
    case "file": {
      take([]);
      const path = before.slice("file:".length).replace(/^\/\/(?=\/)/, "");
      if (path === "") throw invalidInput("file: names no file, as in file:/srv/prompts.json");
      return { address: { kind: "file", place: path, path }, more: given };
    }
    case "redis":
    case "rediss": {
      take(["key"]);
      const url = URL.parse(before);
      const key = given.get("key") ?? USUAL_KEY;
      if (!url?.hostname)
        throw invalidInput(`${scheme}: names no host, as in ${scheme}://host:6379/0?key=prompts`);
      if (key === "" || /[{}\s]/.test(key))
        throw invalidInput("key: must be a name without spaces and braces");
      const place = `${scheme}://${url.host}${url.pathname}?key=${key}`;
      return { address: { kind: "redis", place, url: before, key }, more: given };
    }
    case "ssm": {
      take(["region"]);
      const path = before.slice("ssm:".length).replace(/\/$/, "");
      if (!/^(?:\/[\w.-]+)+$/.test(path))
        throw invalidInput("ssm: names a path of parameters, as in ssm:/acme/prompts?region=eu-central-1");
      const region = given.get("region");
      return { address: { kind: "ssm", place: `ssm:${path}`, path, region }, more: given };
    }
    default:
      throw invalidInput(
        `a bundle cannot be written to ${shown(`${scheme}:`)}; name a file, redis://host/0?key=K or ssm:/path?region=R`,
      );
  }
}

function split(text: string): string[] {
  const at = text.indexOf("?");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
