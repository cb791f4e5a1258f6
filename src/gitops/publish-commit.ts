import { relative, resolve } from "node:path";
import type { Sluice } from "../client/sluice.ts";
import { conflict, invalidInput, SluiceError } from "../domain/errors.ts";
import { type Manifest, MANIFEST_MOVED, type PublishedManifest } from "../domain/shapes/delivering.ts";
import type { AppliedCommit, SyncPlan } from "../domain/shapes/syncing.ts";
import type { Rules } from "../domain/sync/changed-rules.ts";
import { appliedBefore, type AppliedBefore } from "./applied-before.ts";
import { type CommitPlace, readCommitPlace } from "./checkout.ts";
import type { Repository } from "./open-repository.ts";

export interface PublishOptions {
  /** The branch that the commit is of; the one that is checked out when absent. */
  readonly branch?: string | undefined;
  /** Also where the commit does not follow from the one that was applied before. */
  readonly takeOver?: boolean | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

const ATTEMPTS = 10;

/**
 * Publishes the manifest of the commit that is checked out: from here on the store holds moves of pointers to it, and
 * sees drift from it. An older commit than the one that was applied is a `conflict`, and so is a branch that was rewritten.
 *
 * @param before what the plan was made against
 * @param cwd where the paths of the plan are from
 */
export async function publishCommit(
  sluice: Pick<Sluice, "manifests" | "publishManifest">,
  repository: Repository,
  plan: SyncPlan & { readonly commit: string },
  before: AppliedBefore,
  cwd: string,
  options: PublishOptions,
): Promise<Manifest> {
  const place = before.place ?? (await readCommitPlace(repository.folder));
  const own = manifestOf(repository, plan, place, cwd, options.branch);
  let { manifest: present, applied } = before;
  for (let attempt = 1; ; attempt++) {
    const manifest = inOrder(own, present, applied);
    if (applied && !options.takeOver) refuseStepBack(manifest, applied);
    try {
      const { changed, replaced } = await sluice.publishManifest({
        manifest,
        expectedRevision: present?.revision ?? 0,
        takeOver: options.takeOver,
      });
      if (changed)
        options.onProgress?.(
          `manifest of ${manifest.repository} published: commit ${manifest.commit.slice(0, 12)}${replaced === null || replaced === manifest.commit ? "" : `, after ${replaced.slice(0, 12)}`}`,
        );
      return manifest;
    } catch (error) {
      const isRace = error instanceof SluiceError && error.details["kind"] === MANIFEST_MOVED;
      if (!isRace || attempt === ATTEMPTS) throw error;
      ({ manifest: present, applied } = await appliedBefore(sluice, repository.folder));
    }
  }
}

function manifestOf(
  { folder, settings }: Repository,
  plan: SyncPlan & { readonly commit: string },
  { repository, branch: checkedOut, committedAt }: CommitPlace,
  cwd: string,
  named: string | undefined,
): Manifest {
  const branch = named ?? checkedOut;
  if (branch === null)
    throw invalidInput("no branch is checked out here; say which one this commit is of: --branch main");
  return {
    repository,
    branch,
    commit: plan.commit,
    committedAt,
    ...rulesOf(settings),
    prompts: plan.prompts.map(({ prompt, path, sha256 }) => ({
      prompt,
      path: relative(folder, resolve(cwd, path)),
      sha256,
    })),
  };
}

/** The store goes by dates, which a committer's clock may have wrong where Git itself knows that the commit follows. */
function inOrder(
  own: Manifest,
  present: PublishedManifest | undefined,
  applied: AppliedCommit | null,
): Manifest {
  const isBehind = present && Date.parse(present.committedAt) > Date.parse(own.committedAt);
  return isBehind && applied?.order === "follows" ? { ...own, committedAt: present.committedAt } : own;
}

/** What a manifest of these settings has the store hold to. */
export function rulesOf({ owner, environments }: Repository["settings"]): Rules {
  return {
    owner,
    environments: environments.map(({ name, label, from, liveForMs, scopes }) => ({
      name,
      label,
      from: from ?? null,
      liveForMs,
      scopes: scopes.map(({ model, tenant }) => ({ model: model || null, tenant: tenant || null })),
    })),
  };
}

/** What the database cannot tell: whether the commit that was applied is behind this one. */
function refuseStepBack({ commit, repository }: Manifest, applied: AppliedCommit): void {
  const { order } = applied;
  if (applied.commit === commit) return;
  const [here, there] = [commit.slice(0, 12), applied.commit.slice(0, 12)];
  if (order === "older")
    throw conflict(
      `commit ${here} is older than ${there}, which was applied to ${repository}; nothing was applied. Check out the newer one, or go back with --take-over`,
      { commit: applied.commit, order },
    );
  if (order === "apart")
    throw conflict(
      `commit ${here} does not follow from ${there}, which was applied to ${repository}: the branch was rewritten (force push), or this is another one; nothing was applied. If it is to go on from here, apply it with --take-over`,
      { commit: applied.commit, order },
    );
  // A shallow clone does not have the other commit: their dates are compared where the manifest is published.
}
