import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

/** From PyPI: Kubernetes' JSON schemas, a folder a version. */
const PACKAGE = "kubernetes-validate==1.37.0";
const FILES = "{{ .ResourceKind }}{{ .KindSuffix }}.json";

/** Where kubeconform finds the schemas of a version of Kubernetes, `1.33`; they are fetched once. */
export function kubernetesSchemas(folder: string): (version: string) => string {
  const fetched = join(folder, "kubernetes");
  execFileSync("python3", ["-m", "pip", "install", "--quiet", "--no-deps", "--target", fetched, PACKAGE], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const schemas = join(fetched, "kubernetes_validate", "kubernetes-json-schema");
  const found = readdirSync(schemas).filter((name) => name.endsWith("-local-strict"));
  return (version) => {
    const name = found.find((one) => one.startsWith(`v${version}.`));
    if (name === undefined) throw new Error(`${PACKAGE} has no schemas of Kubernetes ${version}`);
    const target = join(folder, `kubernetes-${version}`);
    if (!existsSync(target)) writeWholeSchemas(join(schemas, name), target);
    return join(target, FILES);
  };
}

/** Kubeconform looks for `/api/_definitions.json`, which the package's references name, on the machine: each file gets its own. */
function writeWholeSchemas(source: string, target: string): void {
  const { $defs } = readJson(join(source, "_definitions.json")) as { readonly $defs: Definitions };
  mkdirSync(target);
  for (const file of readdirSync(source).filter((name) => /-v\d\w*\.json$/.test(name)))
    writeFileSync(join(target, file), JSON.stringify(withDefinitions(readJson(join(source, file)), $defs)));
}

type Definitions = Readonly<Record<string, unknown>>;

/** The schema with the definitions that it refers to, and those that they refer to. */
function withDefinitions(schema: unknown, all: Definitions): object {
  const $defs: Record<string, unknown> = {};
  const taken = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(taken);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => [
        key,
        key === "$ref" && typeof value === "string" ? refer(value) : taken(value),
      ]),
    );
  };
  const refer = (reference: string): string => {
    const name = reference.slice(reference.lastIndexOf("/") + 1);
    if (!(name in all)) throw new Error(`a schema refers to ${reference}, which is not there`);
    if (!(name in $defs)) {
      // Named before it is read: definitions may refer to themselves.
      $defs[name] = true;
      $defs[name] = taken(all[name]);
    }
    return `#/$defs/${name}`;
  };
  return { ...(taken(schema) as object), $defs };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: object };
    }[];
  };
}

/** Writes the schemas of operators' own kinds, as their definitions have them, strictly; gives where kubeconform finds them. */
export function crdSchemas(folder: string, sources: readonly string[]): string {
  const target = join(folder, "operators");
  mkdirSync(target, { recursive: true });
  for (const source of sources)
    for (const file of readdirSync(source).filter((name) => name.endsWith(".yaml")))
      for (const document of parseAllDocuments(readFileSync(join(source, file), "utf8"))) {
        const definition = document.toJS() as Definition | null;
        if (definition?.kind !== "CustomResourceDefinition") continue;
        const { group, names, versions } = definition.spec;
        for (const { name, schema } of versions)
          writeFileSync(
            join(target, `${names.kind.toLowerCase()}-${group.split(".")[0]}-${name}.json`),
            JSON.stringify(strict(schema.openAPIV3Schema)),
          );
      }
  return join(target, FILES);
}

/** What a schema does not name is refused, as the API server would drop it. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  const isOpen = copy["x-kubernetes-preserve-unknown-fields"] === true || "additionalProperties" in copy;
  return copy["type"] === "object" && "properties" in copy && !isOpen && copy["properties"] !== undefined
    ? { ...copy, additionalProperties: false }
    : copy;
}
