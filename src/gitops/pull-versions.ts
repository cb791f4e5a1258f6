import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import type { Sluice } from "../client/sluice.ts";
import { digestJson } from "../digest.ts";
import { conflict, invalidInput, messageOf, notFound, SluiceError } from "../domain/errors.ts";
import { mergePromptFile } from "../domain/prompt/merge-prompt-file.ts";
import { mergePromptJson } from "../domain/prompt/merge-prompt-json.ts";
import { promptFileText } from "../domain/prompt/prompt-file-text.ts";
import { promptFileValue } from "../domain/prompt/prompt-file-value.ts";
import type { PulledVersion, SyncPulled } from "../domain/shapes/syncing.ts";
import type { ShownVersion } from "../domain/shapes/versions.ts";
import { lockPathFor, readLock, updateLock } from "../files/version-lock.ts";
import { loadPromptFile } from "../templates/load-prompt-file.ts";
import type { PromptFileOnDisk } from "../use-cases/push.ts";
import type { Repository } from "./open-repository.ts";
import { compareRepository } from "./plan-sync.ts";
import type { SyncReading } from "./sync-reading.ts";
import { versionsThrough } from "../client/versions-through.ts";
import { resolveIncludes } from "../use-cases/resolve-includes.ts";

export interface PullOptions {
  /** Only these; all that were made elsewhere when there are none. */
  readonly prompts: readonly string[];
  /** A branch to make for it. */
  readonly branch?: string | undefined;
  /** Commits what was written, and nothing else. */
  readonly commit: boolean;
}

/**
 * Writes versions that were made elsewhere back as files: what a file says that is an earlier version, and prompts that an
 * environment serves and no file holds. What somebody has edited here and not pushed is left alone and named. Comments
 * and order of a file are kept.
 *
 * @param cwd where paths are from
 */
export async function pullVersions(
  sluice: SyncReading & Pick<Sluice, "show">,
  repository: Repository,
  cwd: string,
  { prompts: asked, branch, commit }: PullOptions,
): Promise<SyncPulled> {
  const { plan, pointers, before } = await compareRepository(sluice, repository, cwd);
  if ((branch !== undefined || commit) && !before.place)
    throw invalidInput(
      `${repository.file} is in no Git repository that has a commit: leave out --branch and --commit`,
    );
  const isAsked = (prompt: string) => asked.length === 0 || asked.includes(prompt);
  const behind = plan.prompts.filter(({ prompt, state }) => state === "older" && isAsked(prompt));
  const left = plan.prompts
    .filter(({ prompt, state }) => state === "changed" && isAsked(prompt))
    .map(({ path, prompt }) => ({
      path,
      message: `${path}: what it says is no version of ${prompt} yet: push it, or put it back, before what was made elsewhere is pulled over it`,
    }));
  const known = new Set(plan.prompts.map(({ prompt }) => prompt));
  const labels = new Set(repository.settings.environments.map(({ label }) => label));
  const unknown = new Set(
    pointers.flatMap(({ prompt, label, active }) =>
      prompt !== null && active !== null && labels.has(label) && !known.has(prompt) && isAsked(prompt)
        ? [prompt]
        : [],
    ),
  );
  const nobodys = asked.find((prompt) => !known.has(prompt) && !unknown.has(prompt));
  if (nobodys !== undefined)
    throw notFound(`no file holds ${nobodys}, and no environment of ${repository.file} serves it`, {
      prompt: nobodys,
    });
  const found: PulledVersion[] = [];
  /** By path: a file may hold several of them. */
  const texts = new Map<string, string>();
  for (const { prompt, path, newest } of behind) {
    const file = repository.prompts.find((one) => one.file.name === prompt)!;
    const shown = await sluice.show(newest!);
    const text = await rewritten(
      sluice,
      file,
      shown,
      texts.get(path) ?? (await readFile(resolve(cwd, path), "utf8")),
    );
    if (text === undefined) {
      left.push({
        path,
        message: `${path}: what ${newest} says cannot be written into it as it is; take it by hand: sluice show ${newest}`,
      });
      continue;
    }
    texts.set(path, text);
    found.push({ ...named(shown), path, isNew: false });
  }
  for (const prompt of unknown) {
    const shown = await sluice.show(prompt);
    const path = relative(cwd, newPath(repository, prompt));
    if (existsSync(resolve(cwd, path))) {
      left.push({ path, message: `${path}: is there, and does not hold ${prompt}` });
      continue;
    }
    texts.set(path, promptFileText(shown, shown.artifact));
    found.push({ ...named(shown), path, isNew: true });
  }
  const isSome = found.length > 0;
  if (branch !== undefined && isSome) await git(repository.folder, "switch", "-c", branch);
  for (const [path, text] of texts) {
    await mkdir(dirname(resolve(cwd, path)), { recursive: true });
    await writeFile(resolve(cwd, path), text);
  }
  const lock = await keepLock(repository, found, cwd);
  const hash = commit && isSome ? await commitPulled(repository.folder, found, lock, cwd) : null;
  return { file: plan.file, branch: isSome ? (branch ?? null) : null, commit: hash, pulled: found, left };
}

function named({ prompt, version, sha256, author, message }: ShownVersion) {
  return { prompt, version, sha256, author, message };
}

/** The text of a file that says what a version does; undefined where it cannot be written into it. */
async function rewritten(
  sluice: Pick<Sluice, "show" | "pointers">,
  { path, file }: PromptFileOnDisk,
  shown: ShownVersion,
  text: string,
): Promise<string | undefined> {
  const described = {
    prompt: file.name,
    description: file.description ?? "",
    tags: file.tags,
    metadata: file.metadata,
  };
  const before = promptFileValue(described, await resolveIncludes(versionsThrough(sluice), file));
  const merge = path.endsWith(".json") ? mergePromptJson : mergePromptFile;
  const merged = merge(text, file.name, before, promptFileValue(shown, shown.artifact));
  try {
    const made = merged === undefined ? undefined : loadPromptFile(merged, path, file.name);
    if (made && digestJson(await resolveIncludes(versionsThrough(sluice), made)) === shown.sha256)
      return merged;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
  }
  return undefined;
}

/** In the folder that the first pattern begins with. */
function newPath({ folder, settings }: Repository, prompt: string): string {
  const [pattern = ""] = settings.prompts;
  const fixed = pattern.split("/").slice(0, -1);
  const wild = fixed.findIndex((part) => /[*?{[]/.test(part));
  return join(folder, ...(wild < 0 ? fixed : fixed.slice(0, wild)), `${prompt}.yaml`);
}

async function keepLock(
  { prompts }: Repository,
  pulled: readonly PulledVersion[],
  cwd: string,
): Promise<string | undefined> {
  if (pulled.length === 0) return undefined;
  const lock = await readLock(lockPathFor(prompts.map(({ path }) => resolve(cwd, path))));
  const versions = pulled.map(({ prompt, version, sha256 }) => [prompt, { version, sha256 }] as const);
  return (await updateLock(lock, Object.fromEntries(versions))) ? lock.path : undefined;
}

async function commitPulled(
  folder: string,
  pulled: readonly PulledVersion[],
  lock: string | undefined,
  cwd: string,
): Promise<string> {
  const paths = [...new Set([...pulled.map(({ path }) => resolve(cwd, path)), ...(lock ? [lock] : [])])];
  const versions = pulled.map(({ prompt, version }) => `${prompt}@${version}`);
  const why = pulled.map(
    ({ prompt, version, author, message }) =>
      `${prompt}@${version} by ${author}${message ? `: ${message}` : ""}`,
  );
  await git(folder, "add", "--", ...paths);
  await git(
    folder,
    "commit",
    "--quiet",
    "-m",
    `Pulled ${versions.join(", ")}`,
    "-m",
    why.join("\n"),
    "--",
    ...paths,
  );
  return (await git(folder, "rev-parse", "HEAD")).trim();
}

const run = promisify(execFile);

async function git(folder: string, ...args: string[]): Promise<string> {
  try {
    return (await run("git", ["-C", folder, ...args])).stdout;
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    throw conflict(`git ${args[0]} did not go through: ${(stderr || messageOf(error)).trim()}`);
  }
}
