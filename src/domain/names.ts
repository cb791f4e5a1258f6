import { invalidInput } from "./errors.ts";
import { SEMVER } from "./prompt/semantic-version.ts";
import { shown } from "./text/visible.ts";

const SEGMENT = /^[a-z0-9][a-z0-9._-]*$/;
/** What a label is. */
export const LABEL = /^[a-z0-9_.-]{1,36}$/;
/** What stands behind a name in the address of its versions and labels. */
const RESERVED_SEGMENTS = new Set(["versions", "labels"]);
const MAX_NAME_LENGTH = 128;

/** The largest number that a version can have: what the store's column holds. */
export const MAX_VERSION = 2_147_483_647;

/** What is wrong with a prompt name, or undefined when nothing is. */
export function promptNameProblem(name: string): string | undefined {
  if (name.length === 0) return "a prompt name cannot be empty";
  if (name.length > MAX_NAME_LENGTH)
    return `a prompt name has at most ${MAX_NAME_LENGTH} characters, this one has ${name.length}`;
  const segments = name.split("/");
  for (const segment of segments) {
    if (!SEGMENT.test(segment))
      return `${shown(segment)} is not a valid name segment: use a-z, 0-9, ".", "_", "-", starting with a letter or digit`;
    if (segment.includes("..")) return `a prompt name cannot contain ".."`;
    if (RESERVED_SEGMENTS.has(segment))
      return `${shown(segment)} cannot be a segment of a prompt name: it stands behind names in addresses`;
  }
  const last = segments.at(-1)!;
  if (/\.(yaml|json)$/.test(last)) return `a prompt name cannot end in .yaml or .json`;
  return undefined;
}

export function assertPromptName(name: string): string {
  const problem = promptNameProblem(name);
  if (problem === undefined) return name;
  const [, plain] = /^([^@]+)@\d+(?:\.\d+\.\d+)?$/.exec(name) ?? [];
  const what = plain === undefined ? problem : `a version is not taken here; write ${plain}`;
  throw invalidInput(`prompt name ${shown(name)}: ${what}`, { name });
}

export function assertLabel(label: string): string {
  if (!LABEL.test(label))
    throw invalidInput(
      `label ${shown(label)}: use 1 to 36 of a-z, 0-9, "_", ".", "-", for example production`,
      {
        label,
      },
    );
  return label;
}

/** A prompt, or one version of it, as people write it: `support-reply`, `support-reply@7` or `support-reply@1.4.0`. */
export interface PromptReference {
  readonly prompt: string;
  readonly number?: number;
  readonly semver?: string;
}

/** One version of a prompt, by its number or by its semantic version. */
export type VersionReference = PromptReference & ({ readonly number: number } | { readonly semver: string });

/** Whether a reference names one version of its prompt. */
export function hasVersion(reference: PromptReference): reference is VersionReference {
  return reference.number !== undefined || reference.semver !== undefined;
}

export function parseReference(text: string): PromptReference {
  const at = text.lastIndexOf("@");
  if (at === -1) return { prompt: assertPromptName(text) };
  const prompt = assertPromptName(text.slice(0, at));
  const digits = text.slice(at + 1);
  if (SEMVER.test(digits)) return { prompt, semver: digits };
  const number = Number(digits);
  if (/^[1-9][0-9]*$/.test(digits) && number > MAX_VERSION)
    throw invalidInput(
      `${shown(text)}: there is no version above ${MAX_VERSION}; see: sluice versions ${prompt}`,
      { given: text },
    );
  if (!/^[1-9][0-9]*$/.test(digits))
    throw invalidInput(
      `${shown(text)}: the version after "@" must be a whole number from 1 or a semantic version, as in ${prompt}@2 or ${prompt}@1.1.0`,
      {
        given: text,
      },
    );
  return { prompt, number };
}

/** Like {@link parseReference}, where a version must be named. */
export function parseVersionReference(text: string): VersionReference {
  const { prompt, number, semver } = parseReference(text);
  if (number !== undefined) return { prompt, number };
  if (semver !== undefined) return { prompt, semver };
  throw invalidInput(`${shown(text)} names no version; write ${prompt}@N, for example ${prompt}@2`, {
    given: text,
  });
}

/** A version of a prompt that is known: `7`, `@7`, `1.4.0`, `@1.4.0`, or the prompt's name before it as well. */
export function parseVersionOf(prompt: string, text: string): VersionReference {
  const at = text.lastIndexOf("@");
  const reference = parseVersionReference(`${at > 0 ? text.slice(0, at) : prompt}@${text.slice(at + 1)}`);
  if (reference.prompt !== prompt)
    throw invalidInput(`${text} is no version of ${prompt}`, { given: text, prompt });
  return reference;
}
