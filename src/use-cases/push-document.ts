import { invalidInput, SluiceError } from "../domain/errors.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import type { Database } from "../storage/database.ts";
import { loadPromptFile } from "../templates/load-prompt-file.ts";
import type { PolicyDocument } from "./load-policy.ts";
import { loadPolicyDocument } from "./load-policy-document.ts";
import { type LoadedPromptFile, pushLoaded, type PushOptions, tokensOfFile } from "./push.ts";
import type { PushedVersion, PushResult } from "../domain/shapes/versions.ts";

/** A prompt file that came as a text, with what it would name if it stood among files. */
export interface PromptDocument {
  /** The prompt that it is to be a version of. */
  readonly prompt: string;
  /** YAML or JSON. */
  readonly text: string;
  /** What to call it in messages. */
  readonly name: string;
  /** Beside the file, or in it. */
  readonly policy?: unknown;
  /** The test cases of the policy's gate. */
  readonly dataset?: unknown;
}

export interface PushDocument extends Pick<
  PushOptions,
  "author" | "message" | "allowSecret" | "emergency" | "seen"
> {
  /** The version that it was made from, by its number or its SHA-256; a newer one is a conflict. */
  readonly base?: number | string | undefined;
  /** False: the policy that rollouts of the prompt follow is not theirs to change (`forbidden`). */
  readonly mayChangePolicy: boolean;
}

/** Pushes a prompt file of which there is no file. Nothing is read that it does not hold itself. */
export async function pushDocument(
  db: Database,
  document: PromptDocument,
  { base, mayChangePolicy, ...options }: PushDocument,
): Promise<PushedVersion> {
  const loaded = await loadDocument(document);
  if (loaded.policy && !mayChangePolicy)
    throw new SluiceError(
      "forbidden",
      "a prompt's policy is that of all its labels and tenants, and this key is for some; leave the policy out",
    );
  const bases = new Map<string, number | string>(base === undefined ? [] : [[document.prompt, base]]);
  const [{ path: _, ...pushed }] = (await pushLoaded(db, [loaded], { ...options, bases })) as [PushResult];
  return pushed;
}

async function loadDocument(document: PromptDocument): Promise<LoadedPromptFile> {
  const { prompt, text, name } = document;
  const file = loadPromptFile(text, name);
  if (file.name !== prompt)
    throw invalidInput(`${name}: is prompt "${file.name}", and the address names "${prompt}"; name one`, {
      name: file.name,
    });
  const policy = policyOf(file, document);
  return {
    path: name,
    file,
    policy: policy && loadPolicyDocument(policy),
    tokens: await tokensOfFile(file),
  };
}

/** The policy beside the file, or the one that is written in it. */
function policyOf(file: PromptFile, { name, policy, dataset }: PromptDocument): PolicyDocument | undefined {
  if (policy !== undefined && file.policy !== undefined)
    throw invalidInput(`${name}: has a policy, and another one is given beside it; give one`);
  if (typeof file.policy === "string")
    throw invalidInput(
      `${name}: policy: names a file, and no file is read here; write the policy itself, or give it beside the prompt`,
    );
  const written = policy ?? file.policy;
  if (written !== undefined) return { policy: written, dataset };
  if (dataset === undefined) return undefined;
  throw invalidInput("a dataset is that of a policy's gate; give the policy too");
}
