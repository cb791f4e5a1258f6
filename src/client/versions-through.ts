import { hasVersion, type PromptReference } from "../domain/names.ts";
import type { KeptVersion, VersionLookup } from "../domain/prompt/include.ts";
import type { Sluice } from "./sluice.ts";

/** The versions that are behind either door. */
export function versionsThrough({ show, pointers }: Pick<Sluice, "show" | "pointers">): VersionLookup {
  const shown = async (name: string): Promise<KeptVersion> => {
    const { prompt, version, versionId, sha256, artifact } = await show(name);
    return { prompt, number: version, versionId, sha256, artifact };
  };
  return {
    version: (reference) => shown(referenceText(reference)),
    async served(prompt, label) {
      const own = (await pointers(prompt)).find(
        (one) => one.prompt === prompt && one.label === label && one.model === null && one.tenant === null,
      );
      return own?.active ? shown(own.active) : undefined;
    },
  };
}

function referenceText(reference: PromptReference): string {
  const { prompt, number, semver } = reference;
  return hasVersion(reference) ? `${prompt}@${number ?? semver}` : prompt;
}
