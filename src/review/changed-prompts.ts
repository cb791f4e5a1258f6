import { execFile } from "node:child_process";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { invalidInput, SluiceError, unavailable } from "../domain/errors.ts";
import { isPromptFileName } from "../files/prompt-file-names.ts";
import { gateFiles } from "../gitops/files-of.ts";
import type { Repository } from "../gitops/open-repository.ts";
import type { PolicyOfFile } from "../use-cases/load-policy.ts";
import type { PromptFileOnDisk } from "../use-cases/push.ts";
import { readTextFile } from "../use-cases/read-file.ts";
import { readSubject } from "../use-cases/read-subject.ts";
import type { PromptFile } from "../domain/prompt/prompt-file.ts";
import { firstLineOfEntry, isSameEntry } from "./changed-entry.ts";

const run = promisify(execFile);
type Git = (...args: string[]) => Promise<string>;

/** A prompt that differs from the base, or whose policy or cases do. */
export interface ChangedPrompt {
  readonly name: string;
  readonly path: string;
  /** As `sluice eval` takes it: a path, with `#NAME` where the file holds several prompts. */
  readonly subject: string;
  /** The first line of the file that differs; 1 where none does. */
  readonly line: number;
  readonly baseline: { readonly subject: string; readonly file: PromptFile } | undefined;
  /** Why the base's prompt cannot be compared with, where it has one that cannot be read. */
  readonly baselineProblem: string | undefined;
  readonly file: PromptFileOnDisk;
}

export interface ChangedPrompts {
  /** The commit that both sides come from: what was changed on the base meanwhile is no change of this side. */
  readonly base: string;
  readonly commit: string;
  /** The folder at the repository's top. */
  readonly top: string;
  readonly prompts: readonly ChangedPrompt[];
}

/**
 * The prompts of a repository that differ from a commit, files that are not committed included. A base that a shallow
 * clone lacks is fetched. Fails with `invalid_input` where there is no such commit, and without Git `unavailable`.
 *
 * @param policy the repository's, of prompts that have none of their own
 * @param everything also what does not differ
 */
export async function changedPrompts(
  { folder, prompts: all }: Repository,
  base: string,
  policy?: PolicyOfFile,
  everything = false,
): Promise<ChangedPrompts> {
  const git: Git = async (...args) =>
    (await run("git", ["--no-optional-locks", "-C", folder, ...args], { maxBuffer: 64 * 1024 * 1024 }))
      .stdout;
  const from = await commonBase(git, await baseCommit(git, base));
  const [top, commit] = [
    await line(git, "rev-parse", "--show-toplevel"),
    await line(git, "rev-parse", "HEAD"),
  ];
  const { changed, gone, formerPath } = await changesSince(git, top, from);
  const inBase = (paths: readonly string[]) =>
    paths.map((path) => `git:${from}:/${relative(top, path).split(sep).join("/")}`);
  const found: ChangedPrompt[] = [];
  for (const file of all) {
    const path = resolve(file.path);
    const isAsked =
      everything || gateFiles(file, policy).some((one) => one !== path && touches(changed, one));
    if (!isAsked && !changed.has(path)) continue;
    const before = await baselineOf(
      inBase([path, ...gone]),
      inBase([formerPath.get(path) ?? path]),
      file,
      all,
    );
    const isOneOfSeveral = several(all, file);
    if (isOneOfSeveral && !isAsked && before.baseline && isSameEntry(file.file, before.baseline.file))
      continue;
    found.push({
      name: file.file.name,
      path: file.path,
      subject: isOneOfSeveral ? `${file.path}#${file.file.name}` : file.path,
      line: changed.has(path) ? await firstChangedLine(git, from, path, isOneOfSeveral && file.file.name) : 1,
      ...before,
      file,
    });
  }
  return { base: from, commit, top, prompts: found.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** The commit that a name stands for; one that is not here is fetched from where this repository came from. */
async function baseCommit(git: Git, base: string): Promise<string> {
  if (base.startsWith("-")) throw invalidInput(`--base ${base} is no commit or branch to compare with`);
  const found = () => line(git, "rev-parse", "--verify", "--quiet", `${base}^{commit}`);
  try {
    return await found();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT")
      throw unavailable("git is not installed here, and what has changed is asked of it");
  }
  const isCommit = /^[0-9a-f]{40}$/.test(base);
  try {
    await git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", base.replace(/^origin\//, ""));
    return await line(git, "rev-parse", "--verify", "--quiet", isCommit ? `${base}^{commit}` : "FETCH_HEAD");
  } catch {
    throw invalidInput(
      `${base} is no commit of this repository, and cannot be fetched; name one that is there, or fetch it first (in GitHub Actions: actions/checkout with fetch-depth: 0)`,
      { base },
    );
  }
}

/** Where both sides parted. A shallow clone does not know; the base itself is near enough there. */
async function commonBase(git: Git, base: string): Promise<string> {
  return line(git, "merge-base", base, "HEAD").catch(() => base);
}

async function changesSince(git: Git, top: string, from: string) {
  const listed = (await git("diff", "--name-status", "--find-renames", "-z", from)).split("\0");
  const changed = new Set<string>();
  const gone = new Set<string>();
  const formerPath = new Map<string, string>();
  for (let i = 0; i + 1 < listed.length;) {
    const status = listed[i++]!;
    const path = join(top, listed[i++]!);
    changed.add(path);
    if (/^[RD]/.test(status) && isPromptFileName(basename(path))) gone.add(path);
    if (!/^[RC]/.test(status)) continue;
    const now = join(top, listed[i++]!);
    changed.add(now);
    formerPath.set(now, path);
  }
  const untracked = await git("ls-files", "--others", "--exclude-standard", "--full-name", "-z", `${top}/`);
  for (const path of untracked.split("\0")) if (path !== "") changed.add(join(top, path));
  return { changed, gone, formerPath };
}

/** A file, or one that it may name: beside it, and no prompt, policy or golden set of another prompt. */
function touches(changed: ReadonlySet<string>, file: string): boolean {
  if (changed.has(file)) return true;
  if (file.endsWith(".rollout.yaml")) return false;
  const folder = `${dirname(file)}${sep}`;
  return [...changed].some(
    (path) => path.startsWith(folder) && !isPromptFileName(basename(path)) && !/\.ya?ml$/.test(path),
  );
}

function several(all: readonly PromptFileOnDisk[], { path }: PromptFileOnDisk): boolean {
  return all.filter((one) => one.path === path).length > 1;
}

async function firstChangedLine(
  git: Git,
  from: string,
  path: string,
  entry: string | false,
): Promise<number> {
  const text = await git("diff", "--unified=0", "--no-color", "--no-ext-diff", from, "--", path);
  const lines = [...text.matchAll(/^@@ -\S+ \+(\d+)/gm)].map(([, line]) => Math.max(1, Number(line)));
  return entry === false
    ? (lines[0] ?? 1)
    : firstLineOfEntry(await readTextFile(path, "a prompt file"), path, entry, lines);
}

/** The base's prompt of the same name, in the same file or one that is gone, or else what stood in this file. */
async function baselineOf(
  places: readonly string[],
  formerly: readonly string[],
  { file }: PromptFileOnDisk,
  all: readonly PromptFileOnDisk[],
): Promise<Pick<ChangedPrompt, "baseline" | "baselineProblem">> {
  let baselineProblem: string | undefined;
  for (const subject of [...places.map((place) => `${place}#${file.name}`), ...formerly])
    try {
      const read = await readSubject(subject);
      if (read.kind !== "file") continue;
      // Another prompt that is still here has not become this one.
      const isOther = read.file.name !== file.name && all.some((one) => one.file.name === read.file.name);
      if (!isOther) return { baseline: { subject, file: read.file }, baselineProblem: undefined };
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      // What its own file held is worth a word; that the base has none is not.
      const isAbsent = /git says: |holds no prompt /.test(error.message);
      if (subject === formerly[0] && !isAbsent) baselineProblem = error.message;
    }
  return { baseline: undefined, baselineProblem };
}

async function line(git: Git, ...args: string[]): Promise<string> {
  return (await git(...args)).trim();
}
