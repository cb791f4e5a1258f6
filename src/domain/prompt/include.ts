import {
  canonicalJson,
  type Artifact,
  type Include,
  type TemplateMessage,
  type VariableSpec,
} from "./artifact.ts";
import { invalidInput } from "../errors.ts";
import { assertLabel, hasVersion, parseReference, type PromptReference } from "../names.ts";
import { shown } from "../text/visible.ts";

/** An `include` of a prompt file: another prompt's messages go where it stands. */
export interface IncludeRequest {
  /** Before which of the file's own messages. */
  readonly at: number;
  readonly prompt: string;
  /** This version, or whichever `label` serves when the file is pushed. */
  readonly number?: number;
  readonly semver?: string;
  readonly label?: string;
  /** `file:line:column`. */
  readonly where: string;
}

/** A version that an include has been resolved to. */
export interface IncludedVersion {
  readonly prompt: string;
  readonly number: number;
  readonly sha256: string;
  readonly artifact: Artifact;
}

/** A version that is kept somewhere, with its text. */
export interface KeptVersion extends IncludedVersion {
  readonly versionId: string;
}

/** Where versions are looked up: a database, or a server. */
export interface VersionLookup {
  /** The version that is named, or a prompt's newest; `not_found` where there is none. */
  version(reference: PromptReference): Promise<KeptVersion>;
  /** The version that a prompt's own pointer under a label serves; undefined where there is no such pointer. */
  served(prompt: string, label: string): Promise<KeptVersion | undefined>;
}

/** What `include` and `label` of one entry name; a text says what is wrong with them. */
export function readInclude(
  include: string,
  label: string | undefined,
): Pick<IncludeRequest, "prompt" | "number" | "semver" | "label"> | string {
  try {
    const reference = parseReference(include);
    const versioned = hasVersion(reference);
    if (versioned === (label !== undefined))
      return `names a version, or a label, and not both: { include: ${reference.prompt}@2 } or { include: ${reference.prompt}, label: production }`;
    return label === undefined ? reference : { ...reference, label: assertLabel(label) };
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The whole artifact: included messages where their includes stand, and the variables that they need. Only the
 * messages are taken over; model, parameters, examples, tools and schema are the file's own. What does not fit
 * together is `invalid_input`, saying where.
 */
export function composeArtifact(
  own: Artifact,
  parts: readonly { readonly request: IncludeRequest; readonly version: IncludedVersion }[],
): Artifact {
  if (parts.length === 0) return own;
  const messages: TemplateMessage[] = [];
  const includes: Include[] = [];
  let variables = own.variables;
  let taken = 0;
  for (const { request, version } of parts) {
    const { prompt, number, sha256, artifact } = version;
    const refuse = (problem: string): never => {
      throw invalidInput(`${request.where}: include ${prompt}@${number}: ${problem}`, { prompt, number });
    };
    if (artifact.syntax !== own.syntax)
      refuse(`is written in ${artifact.syntax}, and this file in ${own.syntax}; use one syntax for both`);
    if (artifact.whitespace !== own.whitespace)
      refuse("and this file differ in `whitespace`; write it in both or in neither");
    variables = mergeVariables(variables, artifact.variables, refuse);
    messages.push(...own.messages.slice(taken, request.at));
    taken = request.at;
    includes.push({ prompt, number, sha256, at: messages.length, count: artifact.messages.length });
    messages.push(...artifact.messages);
    rejectDuplicates(messages, own.messages.slice(taken), refuse);
  }
  return { ...own, variables, messages: [...messages, ...own.messages.slice(taken)], includes };
}

/** Equal or nothing: another type, or a trust that was not given, would change what the included text may do. */
function mergeVariables(
  own: Artifact["variables"],
  included: Artifact["variables"],
  refuse: (problem: string) => never,
): Artifact["variables"] {
  const merged = new Map<string, VariableSpec>(Object.entries(own));
  for (const [name, spec] of Object.entries(included)) {
    const known = merged.get(name);
    if (known && canonicalJson(known) !== canonicalJson(spec))
      refuse(
        `declares variable ${shown(name)} differently (${canonicalJson(spec)}); declare it like that here, or leave it out`,
      );
    merged.set(name, spec);
  }
  return Object.fromEntries(merged);
}

function rejectDuplicates(
  before: readonly TemplateMessage[],
  after: readonly TemplateMessage[],
  refuse: (problem: string) => never,
): void {
  const seen = new Set<string>();
  for (const message of [...before, ...after]) {
    if (!("placeholder" in message)) continue;
    if (seen.has(message.placeholder))
      refuse(`placeholder ${shown(message.placeholder)} would stand here a second time`);
    seen.add(message.placeholder);
  }
}
