import { useEffect, useState } from "preact/hooks";
import { versionData } from "../../../domain/addresses/first-data.ts";
import type { VariableSpec } from "../../../domain/prompt/artifact.ts";
import type { WholeDraft } from "../../../domain/shapes/drafts.ts";
import type { ShownVersion } from "../../../domain/shapes/versions.ts";
import { ask } from "../../data/send.ts";
import { type EditedFile, messagesOf } from "../../editing/edited-file.ts";
import { type Column, keyOf, readColumns } from "./columns.ts";

/** What a column asks with. */
export interface ShownSubject {
  /** `@7`, or `my draft`. */
  readonly name: string;
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly tools: number;
  /** Of the request to the playground. */
  readonly asked: { readonly version: number } | { readonly file: EditedFile };
  /** What a draft was last looked at with. */
  readonly values: Readonly<Record<string, unknown>>;
}

export type LoadedSubject = ShownSubject | { readonly failed: string } | undefined;

/** The versions and drafts of all columns, each read once; `again` reads drafts anew. */
export function useSubjects(
  prompt: string,
  columns: readonly Column[],
  again: number,
): readonly LoadedSubject[] {
  const [known, setKnown] = useState<Readonly<Record<string, LoadedSubject>>>({});
  const keys = columns.map(({ of }) => keyOf(of)).join(",");
  useEffect(() => {
    let isWanted = true;
    for (const { of } of readColumns(keys))
      void loadSubject(prompt, of)
        .catch((error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) }))
        .then((found) => isWanted && setKnown((before) => ({ ...before, [keyOf(of)]: found })));
    return () => {
      isWanted = false;
    };
  }, [prompt, keys, again]);
  return columns.map(({ of }) => known[keyOf(of)]);
}

async function loadSubject(prompt: string, of: Column["of"]): Promise<ShownSubject> {
  if ("draft" in of) {
    const { file, values, base, mine, owner } = await ask<WholeDraft>(`/v1/drafts/${of.draft}`);
    const edited = file as EditedFile;
    return {
      name: `${mine ? "my" : `${owner}’s`} draft${base === null ? "" : ` from @${base}`}`,
      model: edited.model ?? "",
      params: edited.params ?? {},
      variables: { ...openPlaces(messagesOf(edited)), ...edited.variables },
      tools: edited.tools?.length ?? 0,
      asked: { file: edited },
      values,
    };
  }
  const { artifact } = await ask<ShownVersion>(versionData(prompt, of.version));
  return {
    name: `@${of.version}`,
    model: artifact.model,
    params: artifact.params,
    variables: { ...openPlaces(artifact.messages), ...artifact.variables },
    tools: artifact.tools?.length ?? 0,
    asked: { version: of.version },
    values: {},
  };
}

/** Where a conversation goes is given a list of messages. */
function openPlaces(messages: readonly object[]): Record<string, VariableSpec> {
  return Object.fromEntries(
    messages.flatMap((one) =>
      "placeholder" in one ? [[String(one.placeholder), { type: "list" as const }]] : [],
    ),
  );
}
