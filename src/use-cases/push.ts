import type { Artifact } from "../domain/prompt/artifact.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import { invalidInput } from "../domain/errors.ts";
import type { ProvidersFile } from "../providers/providers-file.ts";
import { reachFindings } from "../providers/reach-findings.ts";
import { countTokens } from "../providers/token-count.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { transact } from "../storage/transact.ts";
import { pushVersion } from "../storage/write/push-version.ts";
import type { TokenCount } from "../templates/tokens/byte-pairs.ts";
import { fixedTokenText, loadPromptsOfFile } from "../templates/load-prompt-file.ts";
import { type LoadedPolicy, loadPromptPolicy, type PolicyOfFile, storePolicy } from "./load-policy.ts";
import { orderIncludes } from "./order-includes.ts";
import { readTextFile } from "./read-file.ts";
import { digestJson } from "../digest.ts";
import type { Finding } from "../domain/finding.ts";
import { checkVersion } from "../evaluation/checks/check-version.ts";
import { secretsIn } from "../evaluation/checks/secrets.ts";
import { findVersionBySha256, versionBefore } from "../storage/read/version.ts";
import { listCallers } from "../storage/read/callers.ts";
import { isReadByLangfuse } from "../storage/read/langfuse-reads.ts";
import type { Grants } from "../domain/access/grants.ts";
import { resolveIncludes } from "./resolve-includes.ts";
import { type KeptDatasets, keepDatasets } from "./keep-datasets.ts";
import { versionsIn } from "../storage/read/versions-in.ts";
import type { PushResult } from "../domain/shapes/versions.ts";

export interface PushOptions {
  readonly author: string;
  readonly message: string;
  /** By prompt, what its file came from: a number, or the SHA-256 of a version. A newer version is a conflict. */
  readonly bases?: ReadonlyMap<string, number | string>;
  /** Why it is saved although Git owns the prompt and says something else. */
  readonly emergency?: string | undefined;
  /** Why a prompt may hold what looks like a secret; without it that is refused. */
  readonly allowSecret?: string | undefined;
  /** The providers that `sluice.providers.yaml` names where this is pushed. */
  readonly providers?: ProvidersFile["providers"] | undefined;
  /** What the pusher may see: no other prompt is included. Default: all. */
  readonly seen?: Grants | undefined;
}

/** A prompt file that has been read and checked, with its policy. */
export interface LoadedPromptFile {
  readonly path: string;
  readonly file: PromptFile;
  readonly policy: LoadedPolicy | undefined;
  /** Undefined where the file includes others: their text is known when they are looked up. */
  readonly tokens: TokenCount | undefined;
}

/** One of a file on this machine, whose policy can be sent as its own file has it. */
export interface PromptFileOnDisk extends LoadedPromptFile {
  readonly policy: PolicyOfFile | undefined;
}

/** Reads and checks prompt files, in the order in which they can be pushed; asks no database. */
export async function loadPromptFiles(paths: readonly string[]): Promise<PromptFileOnDisk[]> {
  const loaded: PromptFileOnDisk[] = [];
  for (const path of paths) loaded.push(...(await load(path)));
  rejectDuplicates(loaded);
  return orderIncludes(loaded);
}

/**
 * Pushes prompt files: everything is read and checked before the first write, and all are written in one
 * transaction, so a bad file among good ones pushes none.
 */
export async function pushPromptFiles(
  db: Database,
  paths: readonly string[],
  options: PushOptions,
): Promise<PushResult[]> {
  return pushLoaded(db, await loadPromptFiles(paths), options);
}

/** The same with files that have been read before. */
export async function pushLoaded(
  db: Database,
  ordered: readonly LoadedPromptFile[],
  options: PushOptions,
): Promise<PushResult[]> {
  const kept = await keepDatasets(
    db,
    ordered.map(({ policy }) => policy?.dataset),
  );
  return transact(db, async (transaction) => {
    const results: PushResult[] = [];
    for (const one of ordered) results.push(await pushInto(transaction, one, kept, options));
    return results;
  });
}

/** Pushes one file as a part of a transaction. */
export async function pushInto(
  transaction: Transaction,
  { path, file, policy, tokens: counted }: LoadedPromptFile,
  kept: KeptDatasets,
  options: PushOptions,
): Promise<PushResult> {
  const artifact = await resolveIncludes(versionsIn(transaction, options.seen), file);
  const { tokens, exact: tokensExact } = counted ?? (await tokensOf(artifact));
  const secrets = await secretsToAllow(transaction, { path, prompt: file.name, artifact }, options);
  const findings = [
    ...(await findingsOf(transaction, file.name, artifact, policy)),
    ...reachFindings(artifact, options.providers),
  ];
  const policySha256 = policy ? await storePolicy(transaction, policy, kept) : null;
  const pushed = await pushVersion(transaction, {
    prompt: file.name,
    description: file.description ?? "",
    tags: file.tags,
    artifact,
    author: options.author,
    message: options.message,
    tokenCount: tokens,
    policySha256,
    metadata: file.metadata,
    base: options.bases?.get(file.name),
    emergency: options.emergency,
    ...(secrets.length > 0 && { allowedSecrets: { kinds: secrets, reason: options.allowSecret! } }),
  });
  const { number, semver, versionId, sha256, created, metadata, archived } = pushed;
  return {
    prompt: file.name,
    version: number,
    semver,
    versionId,
    sha256,
    created,
    path,
    tokens,
    tokensExact,
    metadata,
    archived,
    findings,
  };
}

/** What looks like a secret in a new version and may be there; refused unless a reason is given. */
async function secretsToAllow(
  db: Database,
  { path, prompt, artifact }: { readonly path: string; readonly prompt: string; readonly artifact: Artifact },
  { allowSecret }: PushOptions,
): Promise<string[]> {
  const found = await secretsIn(artifact);
  if (found.length === 0 || (await findVersionBySha256(db, prompt, digestJson(artifact)))) return [];
  if (allowSecret !== undefined) return found.map(({ kind }) => kind);
  const [first] = found;
  throw invalidInput(
    `${path}: ${first!.place} contains what looks like a secret: ${first!.kind}; take it out (and revoke it, if it was real), or push with --allow-secret and --reason TEXT`,
    { path, prompt, kinds: found.map(({ kind }) => kind) },
  );
}

/** Against the version before: what callers were written for. */
async function findingsOf(
  db: Database,
  prompt: string,
  artifact: Artifact,
  policy: LoadedPolicy | undefined,
): Promise<readonly Finding[]> {
  const before = await versionBefore(db, prompt, digestJson(artifact));
  const { findings } = await checkVersion({
    candidate: artifact,
    live: before?.artifact,
    maxTokenGrowth: policy?.policy.gate?.max_token_growth,
    strict: policy?.policy.gate?.strict ?? false,
    forLangfuse: await isReadByLangfuse(db, prompt),
    callers: await listCallers(db, { prompt }),
  });
  const unsafe = findings.find(({ code }) => code === "langfuse_unsafe");
  // What is there already is not pushed by being pushed again.
  if (unsafe && !(await findVersionBySha256(db, prompt, digestJson(artifact))))
    throw invalidInput(`${prompt}: ${unsafe.message}`, { prompt, finding: unsafe.code });
  return findings;
}

async function load(path: string): Promise<PromptFileOnDisk[]> {
  const files = loadPromptsOfFile(await readTextFile(path, "a prompt file"), path);
  return Promise.all(
    files.map(async (file) => ({
      path,
      file,
      policy: file.policy === undefined ? undefined : await loadPromptPolicy(file.policy, path),
      tokens: await tokensOfFile(file),
    })),
  );
}

/** What the file's own text costs; undefined where it includes others, whose text is known when they are looked up. */
export async function tokensOfFile({ artifact, includes }: PromptFile): Promise<TokenCount | undefined> {
  return includes ? undefined : tokensOf(artifact);
}

async function tokensOf(artifact: Artifact): Promise<TokenCount> {
  return countTokens(fixedTokenText(artifact), artifact.model);
}

function rejectDuplicates(loaded: readonly LoadedPromptFile[]): void {
  const seen = new Map<string, string>();
  for (const { path, file } of loaded) {
    const earlier = seen.get(file.name);
    if (earlier !== undefined && earlier !== path)
      throw invalidInput(
        `${path}: is prompt "${file.name}", and so is ${earlier}; push them one after the other`,
        {
          path,
          earlier,
        },
      );
    seen.set(file.name, path);
  }
}
