import { useEffect, useState } from "preact/hooks";
import { versionData } from "../../../domain/addresses/first-data.ts";
import type { Artifact } from "../../../domain/prompt/artifact.ts";
import type { ShownVersion } from "../../../domain/shapes/versions.ts";
import { ask } from "../../data/send.ts";
import { type EditedFile, type Included, messagesOf } from "../../editing/edited-file.ts";

const VERSION = /^([a-z0-9][a-z0-9._/-]*)@([1-9]\d*)$/;

/** What the versions say that a file includes. One that is named by its label alone is known to the server. */
export function useIncluded(file: EditedFile): Included {
  const [included, setIncluded] = useState<Included>(new Map());
  const wanted = messagesOf(file)
    .flatMap((message) => ("include" in message && VERSION.test(message.include) ? [message.include] : []))
    .toSorted()
    .join(" ");
  useEffect(() => {
    let isWanted = true;
    const names = wanted.split(" ").filter((name) => name !== "");
    void Promise.all(names.map(readIncluded)).then((found) => {
      if (isWanted) setIncluded(new Map(found.flat()));
    });
    return () => {
      isWanted = false;
    };
  }, [wanted]);
  return included;
}

async function readIncluded(name: string): Promise<[string, Artifact][]> {
  const [, prompt = "", number] = VERSION.exec(name) ?? [];
  try {
    const { artifact } = await ask<ShownVersion>(versionData(prompt, Number(number)));
    return [[name, artifact]];
  } catch {
    return [];
  }
}
