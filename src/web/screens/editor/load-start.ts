import { promptData, versionData } from "../../../domain/addresses/first-data.ts";
import type { WholeDraft } from "../../../domain/shapes/drafts.ts";
import type { Right, Rights } from "../../../domain/shapes/rights.ts";
import type { KeptInGit, PromptAct, PromptOverview } from "../../../domain/shapes/overview.ts";
import type { ShownVersion } from "../../../domain/shapes/versions.ts";
import { promptFileValue } from "../../../domain/prompt/prompt-file-value.ts";
import { mayAuthor } from "../../acts/may-author.ts";
import { ask, Refused } from "../../data/send.ts";
import type { Me } from "../../data/session.ts";
import type { Draft } from "../../editing/draft.ts";
import { type EditedFile, NEW_FILE } from "../../editing/edited-file.ts";

/** What writing begins with. */
export interface Start {
  readonly draft: Draft;
  /** The draft on the server that it is; undefined: a version that is looked at, or nothing yet. */
  readonly saved: WholeDraft | undefined;
  /** Whether whoever looks may write here. */
  readonly may: Right;
  /** Whether there is any version of it. */
  readonly isNew: boolean;
  readonly isArchived: boolean;
  readonly keptInGit: KeptInGit | null;
}

/** Where an address says that writing begins. */
export interface Wanted {
  readonly draft: string | null;
  readonly from: string | null;
}

type Prompt = PromptOverview & { readonly can: Rights<PromptAct> };

export async function loadStart(prompt: string, { draft, from }: Wanted, me: Me): Promise<Start> {
  const [known, saved] = await Promise.all([
    ask<Prompt>(promptData(prompt)).catch(orNothing),
    draft === null ? undefined : ask<WholeDraft & { can: Rights<"save"> }>(`/v1/drafts/${draft}`),
  ]);
  const about = {
    isNew: !known?.newest,
    isArchived: known?.archived ?? false,
    keptInGit: known?.keptInGit ?? null,
  };
  if (saved) {
    const { file, values, base } = saved;
    const archived = about.isArchived ? known?.can.edit : undefined;
    return {
      ...about,
      draft: { file, values, base },
      saved,
      may: archived ?? saved.can.save,
    };
  }
  const may = known ? known.can.edit : mayAuthor(me);
  const number = from ?? known?.newest?.version;
  if (number === undefined)
    return { ...about, draft: { file: NEW_FILE, values: {}, base: null }, saved: undefined, may };
  const file = await readVersion(prompt, Number(number));
  return { ...about, draft: { file, values: {}, base: Number(number) }, saved: undefined, may };
}

/** What the file of a version says, without its name. */
export async function readVersion(prompt: string, number: number): Promise<EditedFile> {
  const version = await ask<ShownVersion>(versionData(prompt, number));
  const { name: _, ...file } = promptFileValue(version, version.artifact);
  return file;
}

function orNothing(error: unknown): undefined {
  if (error instanceof Refused && error.status === 404) return undefined;
  throw error;
}
